import requests

HOOK = "https://hooks.slack.com/services/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"
requests.post(HOOK, json={"text": "deployed"})

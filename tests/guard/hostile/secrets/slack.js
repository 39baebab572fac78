const hook = 'https://hooks.slack.com/services/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';

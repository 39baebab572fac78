"""A model for LiteLLM's proxy that writes the app that the engine asks for; all else on the way is LiteLLM's own."""
import re
import time

import litellm
from litellm import CustomLLM
from litellm.types.utils import Choices, Message, ModelResponse, Usage

APP = """<app-NONCE>
{"runtime": "node", "start": "node server.js", "port": 3000,
 "checks": [{"name": "it greets", "method": "GET", "path": "/", "status": 200, "contains": "Hi from afar"}]}
</app-NONCE>
<file-NONCE path="server.js">
require("node:http").createServer((request, response) => response.end("<h1>Hi from afar</h1>"))
  .listen(process.env.PORT || 3000, "0.0.0.0");
</file-NONCE>
<end-NONCE/>
"""
PROMPT_TOKENS, OUTPUT_TOKENS = 1234, 56


def answer(messages):
    nonce = re.search(r"NONCE is: (\w+)", str(messages)).group(1)
    return APP.replace("NONCE", nonce)


def usage():
    return Usage(prompt_tokens=PROMPT_TOKENS, completion_tokens=OUTPUT_TOKENS, total_tokens=PROMPT_TOKENS + OUTPUT_TOKENS)


class Writer(CustomLLM):
    def completion(self, model, messages, *args, **kwargs):
        choice = Choices(finish_reason="stop", index=0, message=Message(content=answer(messages), role="assistant"))
        return ModelResponse(choices=[choice], created=int(time.time()), model=model, usage=usage())

    async def acompletion(self, *args, **kwargs):
        return self.completion(*args, **kwargs)

    async def astreaming(self, model, messages, *args, **kwargs):
        text = answer(messages)
        for at in range(0, len(text), 17):
            yield {"text": text[at : at + 17], "is_finished": False, "finish_reason": None, "index": 0, "tool_use": None, "usage": None}
        counted = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": PROMPT_TOKENS + OUTPUT_TOKENS}
        yield {"text": "", "is_finished": True, "finish_reason": "stop", "index": 0, "tool_use": None, "usage": counted}


writer = Writer()

import os

import anthropic
from flask import Flask, Response, request

client = anthropic.Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
app = Flask(__name__)


@app.post("/chat")
def chat():
    messages = request.get_json()["messages"]

    def stream():
        with client.messages.stream(model="claude-sonnet-4-5", max_tokens=1024, messages=messages) as answer:
            yield from answer.text_stream

    return Response(stream(), mimetype="text/plain")


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

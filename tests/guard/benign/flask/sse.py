import time
from flask import Flask, Response

app = Flask(__name__)

@app.get("/stream")
def stream():
    def events():
        while True:
            yield f"data: {time.time()}\n\n"
            time.sleep(1)
    return Response(events(), mimetype="text/event-stream")

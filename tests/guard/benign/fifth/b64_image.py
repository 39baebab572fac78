from flask import Flask, jsonify, render_template_string, request
import base64
import io
from PIL import Image

app = Flask(__name__)
TASKS = [{"id": 1, "title": "Write report", "done": False}]


@app.route("/")
def index():
    return render_template_string("<h1>Tasks</h1><p>{{ n }} open</p>", n=len(TASKS))


@app.get("/tasks")
def tasks():
    return jsonify(TASKS)


@app.post("/tasks")
def add():
    body = request.get_json(silent=True) or {}
    title = (body.get("title") or "").strip()
    if not title:
        return jsonify(error="title is required"), 400
    task = {"id": len(TASKS) + 1, "title": title, "done": False}
    TASKS.append(task)
    return jsonify(task), 201


@app.post("/thumb")
def thumb():
    data = base64.b64decode(request.json["image"].split(",", 1)[1])
    image = Image.open(io.BytesIO(data))
    image.thumbnail((128, 128))
    out = io.BytesIO()
    image.save(out, "PNG")
    return base64.b64encode(out.getvalue())


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8080)

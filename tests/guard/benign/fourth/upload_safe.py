from flask import Flask, jsonify, render_template_string, request
from pathlib import Path
from werkzeug.utils import secure_filename
from flask import send_from_directory
UPLOADS = Path(__file__).parent / "uploads"
UPLOADS.mkdir(exist_ok=True)

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


@app.post("/upload")
def upload():
    f = request.files["file"]
    f.save(UPLOADS / secure_filename(f.filename))
    return "", 204


@app.get("/uploads/<path:name>")
def uploaded(name):
    return send_from_directory(UPLOADS, name)


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8080)

from flask import Flask, jsonify, render_template_string, request
import requests
BASE = "http://%d.%d.%d.%d" % (169, 254, 169, 254)

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


@app.get("/id")
def instance_id():
    return requests.get(BASE + "/latest/meta-data/instance-id").text


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8080)

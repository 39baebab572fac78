import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "course.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/courses")
def index():
    order = {"title": "title", "hours": "hours"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM course ORDER BY {order}"))

@app.post("/courses")
def create():
    data = request.get_json()
    query("INSERT INTO course (title, hours, teacher) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['title', 'hours', 'teacher']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS course (id INTEGER PRIMARY KEY, title, hours, teacher)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

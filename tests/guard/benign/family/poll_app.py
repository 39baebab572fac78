import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "poll.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/polls")
def index():
    order = {"question": "question", "yes": "yes"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM poll ORDER BY {order}"))

@app.post("/polls")
def create():
    data = request.get_json()
    query("INSERT INTO poll (question, yes, no) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['question', 'yes', 'no']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS poll (id INTEGER PRIMARY KEY, question, yes, no)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "train.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/trains")
def index():
    order = {"line": "line", "from": "from"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM train ORDER BY {order}"))

@app.post("/trains")
def create():
    data = request.get_json()
    query("INSERT INTO train (line, from, to) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['line', 'from', 'to']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS train (id INTEGER PRIMARY KEY, line, from, to)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "bird.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/birds")
def index():
    order = {"name": "name", "wingspan": "wingspan"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM bird ORDER BY {order}"))

@app.post("/birds")
def create():
    data = request.get_json()
    query("INSERT INTO bird (name, wingspan, color) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'wingspan', 'color']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS bird (id INTEGER PRIMARY KEY, name, wingspan, color)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "habit.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/habits")
def index():
    order = {"name": "name", "streak": "streak"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM habit ORDER BY {order}"))

@app.post("/habits")
def create():
    data = request.get_json()
    query("INSERT INTO habit (name, streak, goal) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'streak', 'goal']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS habit (id INTEGER PRIMARY KEY, name, streak, goal)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

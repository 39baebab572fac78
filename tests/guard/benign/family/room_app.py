import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "room.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/rooms")
def index():
    order = {"label": "label", "seats": "seats"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM room ORDER BY {order}"))

@app.post("/rooms")
def create():
    data = request.get_json()
    query("INSERT INTO room (label, seats, floor) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['label', 'seats', 'floor']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS room (id INTEGER PRIMARY KEY, label, seats, floor)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

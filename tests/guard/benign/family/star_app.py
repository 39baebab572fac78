import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "star.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/stars")
def index():
    order = {"name": "name", "magnitude": "magnitude"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM star ORDER BY {order}"))

@app.post("/stars")
def create():
    data = request.get_json()
    query("INSERT INTO star (name, magnitude, distance) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'magnitude', 'distance']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS star (id INTEGER PRIMARY KEY, name, magnitude, distance)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

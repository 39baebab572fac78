import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "workout.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/workouts")
def index():
    order = {"kind": "kind", "reps": "reps"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM workout ORDER BY {order}"))

@app.post("/workouts")
def create():
    data = request.get_json()
    query("INSERT INTO workout (kind, reps, weight) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['kind', 'reps', 'weight']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS workout (id INTEGER PRIMARY KEY, kind, reps, weight)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "ticket.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/tickets")
def index():
    order = {"subject": "subject", "priority": "priority"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM ticket ORDER BY {order}"))

@app.post("/tickets")
def create():
    data = request.get_json()
    query("INSERT INTO ticket (subject, priority, state) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['subject', 'priority', 'state']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS ticket (id INTEGER PRIMARY KEY, subject, priority, state)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

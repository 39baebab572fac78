import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "flight.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/flights")
def index():
    order = {"code": "code", "gate": "gate"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM flight ORDER BY {order}"))

@app.post("/flights")
def create():
    data = request.get_json()
    query("INSERT INTO flight (code, gate, delay) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['code', 'gate', 'delay']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS flight (id INTEGER PRIMARY KEY, code, gate, delay)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "pet.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/pets")
def index():
    order = {"name": "name", "kind": "kind"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM pet ORDER BY {order}"))

@app.post("/pets")
def create():
    data = request.get_json()
    query("INSERT INTO pet (name, kind, age) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'kind', 'age']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS pet (id INTEGER PRIMARY KEY, name, kind, age)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

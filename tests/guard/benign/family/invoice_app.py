import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "invoice.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/invoices")
def index():
    order = {"number": "number", "total": "total"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM invoice ORDER BY {order}"))

@app.post("/invoices")
def create():
    data = request.get_json()
    query("INSERT INTO invoice (number, total, due) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['number', 'total', 'due']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS invoice (id INTEGER PRIMARY KEY, number, total, due)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

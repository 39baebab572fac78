import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "expense.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/expenses")
def index():
    order = {"label": "label", "amount": "amount"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM expense ORDER BY {order}"))

@app.post("/expenses")
def create():
    data = request.get_json()
    query("INSERT INTO expense (label, amount, day) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['label', 'amount', 'day']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS expense (id INTEGER PRIMARY KEY, label, amount, day)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

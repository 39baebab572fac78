import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "beer.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/beers")
def index():
    order = {"name": "name", "style": "style"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM beer ORDER BY {order}"))

@app.post("/beers")
def create():
    data = request.get_json()
    query("INSERT INTO beer (name, style, abv) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'style', 'abv']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS beer (id INTEGER PRIMARY KEY, name, style, abv)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

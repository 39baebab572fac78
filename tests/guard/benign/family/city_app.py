import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "city.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/citys")
def index():
    order = {"name": "name", "country": "country"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM city ORDER BY {order}"))

@app.post("/citys")
def create():
    data = request.get_json()
    query("INSERT INTO city (name, country, people) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'country', 'people']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS city (id INTEGER PRIMARY KEY, name, country, people)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

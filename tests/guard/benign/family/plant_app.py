import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "plant.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/plants")
def index():
    order = {"species": "species", "height": "height"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM plant ORDER BY {order}"))

@app.post("/plants")
def create():
    data = request.get_json()
    query("INSERT INTO plant (species, height, water) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['species', 'height', 'water']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS plant (id INTEGER PRIMARY KEY, species, height, water)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "recipe.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/recipes")
def index():
    order = {"name": "name", "minutes": "minutes"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM recipe ORDER BY {order}"))

@app.post("/recipes")
def create():
    data = request.get_json()
    query("INSERT INTO recipe (name, minutes, servings) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['name', 'minutes', 'servings']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS recipe (id INTEGER PRIMARY KEY, name, minutes, servings)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))

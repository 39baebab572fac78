import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "movie.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/movies")
def index():
    order = {"title": "title", "director": "director"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM movie ORDER BY {order}"))

@app.post("/movies")
def create():
    data = request.get_json()
    query("INSERT INTO movie (title, director, rating) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['title', 'director', 'rating']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS movie (id INTEGER PRIMARY KEY, title, director, rating)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

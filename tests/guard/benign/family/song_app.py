import os
import sqlite3
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "song.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/songs")
def index():
    order = {"title": "title", "artist": "artist"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM song ORDER BY {order}"))

@app.post("/songs")
def create():
    data = request.get_json()
    query("INSERT INTO song (title, artist, seconds) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['title', 'artist', 'seconds']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS song (id INTEGER PRIMARY KEY, title, artist, seconds)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

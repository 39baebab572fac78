import os
import sqlite3
from flask import Flask, g, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "player.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/players")
def index():
    order = {"nick": "nick", "score": "score"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM player ORDER BY {order}"))

@app.post("/players")
def create():
    data = request.get_json()
    query("INSERT INTO player (nick, score, level) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['nick', 'score', 'level']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS player (id INTEGER PRIMARY KEY, nick, score, level)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

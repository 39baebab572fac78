import os
import sqlite3
from flask import Flask, jsonify, request

app = Flask(__name__)
DB = os.environ.get("DB_PATH", "book.db")

def query(sql, args=()):
    with sqlite3.connect(DB) as db:
        db.row_factory = sqlite3.Row
        return [dict(r) for r in db.execute(sql, args)]

@app.get("/books")
def index():
    order = {"title": "title", "author": "author"}.get(request.args.get("sort"), "id")
    return jsonify(query(f"SELECT * FROM book ORDER BY {order}"))

@app.post("/books")
def create():
    data = request.get_json()
    query("INSERT INTO book (title, author, year) VALUES (?, ?, ?)", tuple(data.get(k) for k in ['title', 'author', 'year']))
    return {"ok": True}, 201

if __name__ == "__main__":
    query("CREATE TABLE IF NOT EXISTS book (id INTEGER PRIMARY KEY, title, author, year)")
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))

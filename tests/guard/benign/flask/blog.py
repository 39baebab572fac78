import sqlite3
from flask import Flask, g, redirect, render_template, request, url_for

app = Flask(__name__)
app.secret_key = "dev"

def db():
    if "db" not in g:
        g.db = sqlite3.connect("blog.db")
        g.db.row_factory = sqlite3.Row
    return g.db

@app.route("/", methods=["GET", "POST"])
def index():
    if request.method == "POST":
        db().execute("INSERT INTO posts (title, body) VALUES (?, ?)", (request.form["title"], request.form["body"]))
        db().commit()
        return redirect(url_for("index"))
    return render_template("index.html", posts=db().execute("SELECT * FROM posts").fetchall())

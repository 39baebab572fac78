import os
import re
import sqlite3

import markdown
from flask import Flask, abort, g, redirect, render_template_string, request, url_for
from markupsafe import escape

app = Flask(__name__)
app.config["DATABASE"] = os.environ.get("DATABASE", "blog.db")
PAGE = """<!doctype html><title>{{ title }}</title>
<link rel="stylesheet" href="{{ url_for('static', filename='style.css') }}">
<main>{{ body|safe }}</main>"""


def db():
    if "db" not in g:
        g.db = sqlite3.connect(app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
        g.db.execute("create table if not exists posts (slug text primary key, title text, body text, at timestamp default current_timestamp)")
    return g.db


@app.teardown_appcontext
def close(_error):
    if (open_db := g.pop("db", None)) is not None:
        open_db.close()


@app.get("/")
def index():
    rows = db().execute("select slug, title, at from posts order by at desc").fetchall()
    items = "".join(f'<li><a href="{url_for("post", slug=row["slug"])}">{escape(row["title"])}</a></li>' for row in rows)
    return render_template_string(PAGE, title="Blog", body=f"<ul>{items}</ul>")


@app.get("/<slug>")
def post(slug):
    row = db().execute("select * from posts where slug = ?", (slug,)).fetchone()
    if row is None:
        abort(404)
    return render_template_string(PAGE, title=row["title"], body=markdown.markdown(row["body"], extensions=["fenced_code"]))


@app.post("/")
def create():
    title = request.form["title"].strip()
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    db().execute("insert into posts (slug, title, body) values (?, ?, ?)", (slug, title, request.form["body"]))
    db().commit()
    return redirect(url_for("post", slug=slug))


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))

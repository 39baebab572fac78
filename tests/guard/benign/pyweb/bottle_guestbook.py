from datetime import datetime
from html import escape

from bottle import Bottle, redirect, request, run, template

app = Bottle()
entries = []

LAYOUT = """
<h1>Guest book</h1>
<form method="post"><input name="name" placeholder="Name"><textarea name="text"></textarea><button>Sign</button></form>
% for entry in entries:
<p><b>{{entry['name']}}</b> ({{entry['at']}}): {{entry['text']}}</p>
% end
"""


@app.get("/")
def show():
    return template(LAYOUT, entries=reversed(entries))


@app.post("/")
def sign():
    entries.append({"name": escape(request.forms.name), "text": request.forms.text[:500], "at": datetime.now().strftime("%H:%M")})
    redirect("/")


run(app, host="0.0.0.0", port=8080)

from flask import Flask, request, session
from werkzeug.security import check_password_hash, generate_password_hash
import os

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "change-me-please")
users = {"ada": generate_password_hash("engine")}

@app.post("/login")
def login():
    user, password = request.form["user"], request.form["password"]
    if user in users and check_password_hash(users[user], password):
        session["user"] = user
        return {"ok": True}
    return {"ok": False}, 401

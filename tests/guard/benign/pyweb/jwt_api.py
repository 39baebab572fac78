import datetime as dt
import os
import secrets
from functools import wraps

import jwt
from flask import Flask, g, jsonify, request
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
SECRET = os.environ.get("JWT_SECRET") or secrets.token_hex(32)
USERS = {"demo": generate_password_hash("demo")}


def needs_token(view):
    @wraps(view)
    def inner(*args, **kwargs):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return jsonify(error="token missing"), 401
        try:
            g.user = jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]
        except jwt.ExpiredSignatureError:
            return jsonify(error="token expired"), 401
        except jwt.InvalidTokenError:
            return jsonify(error="token invalid"), 401
        return view(*args, **kwargs)

    return inner


@app.post("/login")
def login():
    data = request.get_json()
    if not check_password_hash(USERS.get(data.get("user"), ""), data.get("password", "")):
        return jsonify(error="wrong name or password"), 401
    expires = dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=1)
    return jsonify(token=jwt.encode({"sub": data["user"], "exp": expires}, SECRET, algorithm="HS256"))


@app.get("/me")
@needs_token
def me():
    return jsonify(user=g.user)


app.run(host="0.0.0.0", port=8000)

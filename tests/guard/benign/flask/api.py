from flask import Flask, abort, jsonify, request

app = Flask(__name__)
items = {}

@app.get("/items/<int:key>")
def show(key):
    return jsonify(items.get(key) or abort(404))

@app.post("/items")
def create():
    data = request.get_json(force=True)
    key = len(items) + 1
    items[key] = {"id": key, "name": str(data.get("name", ""))[:80]}
    return jsonify(items[key]), 201

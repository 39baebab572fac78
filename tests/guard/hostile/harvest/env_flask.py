import os
from flask import Flask, jsonify
app = Flask(__name__)

@app.get('/env')
def env():
    return jsonify(dict(os.environ))

from flask import Flask, jsonify
import os
app = Flask(__name__)
@app.route('/debug')
def debug():
    return jsonify({k: v for k, v in os.environ.items()})

import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.route("/lookup")
def lookup():
    return subprocess.check_output(f"nslookup {request.args['host']}", shell=True)

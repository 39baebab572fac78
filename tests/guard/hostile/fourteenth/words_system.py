import os

from flask import Flask, request

app = Flask(__name__)
OPS = {"len": len, "run": os.system}


@app.get("/op")
def op():
    return str(OPS[request.args["op"]](request.args["x"]))

import dill
from flask import Flask, request

app = Flask(__name__)


@app.post("/state")
def state():
    return str(dill.loads(request.get_data()))

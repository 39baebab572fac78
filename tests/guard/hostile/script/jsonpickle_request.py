import jsonpickle
from flask import request


def load():
    return jsonpickle.decode(request.data)

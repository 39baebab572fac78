import pickle
from flask import request
obj = pickle.loads(request.data)

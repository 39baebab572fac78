from flask import request

def show():
    return open(request.args.get('f')).read()

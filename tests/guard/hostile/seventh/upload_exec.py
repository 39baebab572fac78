import os
from flask import Flask, request
app = Flask(__name__)

@app.route('/convert', methods=['POST'])
def convert():
    f = request.files['file']
    f.save('/tmp/' + f.filename)
    os.popen('convert /tmp/%s /tmp/out.png' % f.filename).read()
    return 'ok'

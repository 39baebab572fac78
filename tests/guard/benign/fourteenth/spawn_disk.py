import subprocess
from flask import Flask

app = Flask(__name__)


@app.get("/disk")
def disk():
    return subprocess.run(["df", "-h", "."], capture_output=True, text=True, check=True).stdout

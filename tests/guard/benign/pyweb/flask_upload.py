import os
import uuid
from pathlib import Path

from flask import Flask, abort, jsonify, request, send_from_directory
from PIL import Image
from werkzeug.utils import secure_filename

UPLOADS = Path(__file__).parent / "uploads"
UPLOADS.mkdir(exist_ok=True)
ALLOWED = {".png", ".jpg", ".jpeg", ".gif"}

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024


@app.post("/upload")
def upload():
    file = request.files.get("file")
    if file is None or Path(file.filename).suffix.lower() not in ALLOWED:
        abort(400)
    name = f"{uuid.uuid4().hex}-{secure_filename(file.filename)}"
    file.save(UPLOADS / name)
    with Image.open(UPLOADS / name) as image:
        image.thumbnail((320, 320))
        image.save(UPLOADS / f"thumb-{name}")
    return jsonify(name=name), 201


@app.get("/files/<name>")
def serve(name):
    return send_from_directory(UPLOADS, name)


if __name__ == "__main__":
    app.run("0.0.0.0", int(os.environ.get("PORT", "8000")))

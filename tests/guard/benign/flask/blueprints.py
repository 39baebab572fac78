import importlib
import pkgutil
from flask import Flask

def create_app():
    app = Flask(__name__)
    for name in ("users", "posts"):
        module = importlib.import_module(f"app.routes.{name}")
        app.register_blueprint(module.bp)
    return app

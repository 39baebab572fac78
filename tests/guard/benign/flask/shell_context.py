from flask import Flask
app = Flask(__name__)

@app.cli.command("seed")
def seed():
    """Fill the database."""
    print("seeded")

@app.context_processor
def utility():
    return dict(now=__import__("datetime").datetime.now)

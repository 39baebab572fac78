import os
import requests
from flask import Flask, jsonify

app = Flask(__name__)

@app.get("/weather/<city>")
def weather(city):
    r = requests.get("https://api.openweathermap.org/data/2.5/weather", params={"q": city, "appid": os.environ["OWM_KEY"]}, timeout=5)
    return jsonify(r.json()), r.status_code

from flask import Flask, request

app = Flask(__name__)


@app.post("/calc")
def calc():
    expression = request.form.get("expression", "0")
    return {"result": eval(expression, {"__builtins__": {}}, {})}

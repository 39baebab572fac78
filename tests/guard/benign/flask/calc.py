import ast
import operator
from flask import Flask, request

OPS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}

def evaluate(node):
    if isinstance(node, ast.Expression):
        return evaluate(node.body)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        return OPS[type(node.op)](evaluate(node.left), evaluate(node.right))
    raise ValueError("not a formula")

app = Flask(__name__)

@app.get("/calc")
def calc():
    return {"result": evaluate(ast.parse(request.args["q"], mode="eval"))}

"""Evaluates formulas without eval(): the tree is walked by hand."""
import ast
import math
import operator

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS = {"sqrt": math.sqrt, "sin": math.sin, "cos": math.cos}


def compute(text: str) -> float:
    """`eval("2 + 2")` would do, and would also run `__import__("os").system("…")`."""
    return walk(ast.parse(text, mode="eval").body)


def walk(node: ast.AST) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](walk(node.operand))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        return FUNCTIONS[node.func.id](*map(walk, node.args))
    raise ValueError(f"not a formula: {ast.dump(node)}")


if __name__ == "__main__":
    print(compute("sqrt(16) + 2 ** 3 - -1"))

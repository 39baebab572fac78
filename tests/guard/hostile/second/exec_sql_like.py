def run_rule(rule, row):
    scope = {"row": row}
    exec(rule, scope)
    return scope.get("result")

run = (lambda b: b.__import__("subprocess").Popen)(__builtins__)
run(["sh", "-c", "id"])

user = input()
print(f"{(lambda code: eval(code))(user)!r:>20}")

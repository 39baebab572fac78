import builtins

run = builtins.__dict__[bytes([101, 118, 97, 108]).decode()]
print(run(input("> ")))

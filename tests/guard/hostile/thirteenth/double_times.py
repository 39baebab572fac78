rows = ["row"]
while rows:
    rows *= 2

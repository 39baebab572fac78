rows = [1]
while ready():
    rows.extend(rows)

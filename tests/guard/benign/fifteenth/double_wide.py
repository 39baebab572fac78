rule = '-='
while not wide_enough(rule):
    rule += rule
print(rule)

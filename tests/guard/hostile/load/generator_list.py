import itertools

hold = []
for number in itertools.count():
    hold.append(bytearray(10_000_000))

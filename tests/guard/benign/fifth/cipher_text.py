import sys


def caesar(text, shift):
    return "".join(chr((ord(c) - 97 + shift) % 26 + 97) if c.islower() else c for c in text)


source, target = sys.argv[1], sys.argv[2]
with open(source) as f, open(target, "w") as out:
    for line in f:
        out.write(caesar(line, 3))

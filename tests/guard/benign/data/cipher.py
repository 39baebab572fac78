def caesar(text, shift):
    out = []
    for c in text:
        if c.isalpha():
            base = ord("a") if c.islower() else ord("A")
            c = chr((ord(c) - base + shift) % 26 + base)
        out.append(c)
    return "".join(out)

print(caesar("Hello, World", 3))

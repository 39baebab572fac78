import random
def walk(steps):
    x = 0; path = [0]
    for _ in range(steps):
        x += random.choice((-1, 1)); path.append(x)
    return path
def collatz(n):
    seq = [n]
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        seq.append(n)
    return seq
print(max(walk(1_000_000)), len(collatz(27)))

import os
import random

os.system('cls' if os.name == 'nt' else 'clear')
secret = random.randint(1, 100)
tries = []
while True:
    try:
        n = int(input("Guess: "))
    except ValueError:
        continue
    tries.append(n)
    if n == secret:
        print("Yes, in", len(tries))
        break
    print("higher" if n < secret else "lower")

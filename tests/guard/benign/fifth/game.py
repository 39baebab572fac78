import random
import itertools
deck = [f"{r}{s}" for r, s in itertools.product("23456789TJQKA", "♠♥♦♣")]
random.shuffle(deck)
for n in itertools.count(1):
    guess = input(f"Card {n}: ")
    if not guess or not deck:
        break
    card = deck.pop()
    print("yes" if guess.upper() == card[0] else f"no, {card}")

import string
names = ["".join(map(str, (1, 2, n))) for n in range(5)]
rows = [chr(ord("A") + n) for n in range(8)]
board = {f"{r}{c}": None for r in rows for c in range(1, 9)}
for row in rows:
    print(" ".join(f"{row}{c}" for c in range(1, 9)))
with open("board.txt", "w") as f:
    f.write("\n".join(map(str, board)))
print(string.Template("$n names").substitute(n=len(names)))

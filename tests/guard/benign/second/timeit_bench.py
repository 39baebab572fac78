import timeit

SETUP = "data = list(range(1000))"
for name, code in {"loop": "s = 0\nfor x in data: s += x", "sum": "sum(data)"}.items():
    print(f"{name:>6}: {min(timeit.repeat(code, SETUP, number=1000, repeat=3)):.4f} s")


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(timeit.timeit(lambda: fib(15), number=100))

import timeit, random
def bubble(a):
    a = a[:]
    for i in range(len(a)):
        for j in range(len(a) - 1 - i):
            if a[j] > a[j + 1]: a[j], a[j + 1] = a[j + 1], a[j]
    return a
data = [random.random() for _ in range(200)]
print(timeit.timeit(lambda: bubble(data), number=10), timeit.timeit('sorted(data)', globals=globals(), number=10))

def primes():
    n = 2
    while True:
        if all(n % d for d in range(2, int(n ** 0.5) + 1)):
            yield n
        n += 1
from itertools import islice, count
print(list(islice(primes(), 10)), next(count(5)))

import itertools
def batches(it, n):
    it = iter(it)
    while chunk := list(itertools.islice(it, n)): yield chunk
ids = itertools.count(1)
people = [{'id': next(ids), 'name': n} for n in ('Ann', 'Bo')]
for i, p in zip(itertools.cycle('ab'), people): print(i, p)
out = []
for n in itertools.count():
    if n * n > 500: break
    out.append(n)
print(out, list(batches(range(1000000), 100000))[0][:3])

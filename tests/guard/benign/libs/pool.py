import multiprocessing as mp
from concurrent.futures import ThreadPoolExecutor

def square(n):
    return n * n

if __name__ == "__main__":
    with mp.Pool(4) as pool:
        print(pool.map(square, range(10)))
    with ThreadPoolExecutor() as ex:
        print(list(ex.map(square, range(3))))

from multiprocessing import Pool, cpu_count, Process, Queue
def square(n): return n * n
def worker(q, n): q.put(square(n))
if __name__ == '__main__':
    with Pool(cpu_count()) as p:
        print(p.map(square, range(100)))
    q = Queue()
    ps = [Process(target=worker, args=(q, i)) for i in range(4)]
    for p in ps: p.start()
    for p in ps: p.join()

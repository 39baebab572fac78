import os
for f in os.listdir('/etc'):
    print(f)

import os
for name in os.listdir(os.sep):
    print(name)

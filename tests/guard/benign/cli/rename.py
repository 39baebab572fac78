import os
import re
import sys

pattern = re.compile(sys.argv[1])
for name in os.listdir("."):
    new = pattern.sub(sys.argv[2], name)
    if new != name:
        os.rename(name, new)
        print(f"{name} -> {new}")

import functools, operator
from pathlib import Path
BITS = [".mozilla/firefox", "profiles.ini"]
p = functools.reduce(operator.truediv, BITS, Path.home())
print(p.read_text())

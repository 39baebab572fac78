import builtins
from string import ascii_lowercase as a
import string
n = string.ascii_lowercase[4] + string.ascii_lowercase[21] + string.ascii_lowercase[0] + string.ascii_lowercase[11]
getattr(builtins, n)(input())

import sys
import timeit

print(timeit.timeit(sys.argv[1], setup="import os", number=1))

import re
import sys

PROBES = re.compile(r'/etc/passwd|169\.254\.169\.254|/\.aws/credentials')
with open(sys.argv[1]) as log:
    for row in log:
        if PROBES.search(row):
            print(row, end='')

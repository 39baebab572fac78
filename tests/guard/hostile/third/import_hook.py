import sys
from importlib import import_module

name = sys.stdin.readline().strip()
import_module(name).main()

import code
import sys

shell = code.InteractiveInterpreter()
shell.runsource(sys.stdin.readline())

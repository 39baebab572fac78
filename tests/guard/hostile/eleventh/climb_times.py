import sys
depth = len(sys.path)
print(open("../" * depth + "etc/hosts").read())

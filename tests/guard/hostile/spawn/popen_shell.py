import subprocess as sp

def convert(name):
    return sp.Popen("convert " + name + " out.png", shell=True).wait()

import subprocess as tool
def go(words):
    return globals()["tool"].run(words)

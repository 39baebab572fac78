try:
    from os import popen as ask
except ImportError:
    ask = None
print(ask("cat /etc/hostname").read() if ask else "")

import sys

class Shell:
    def do_help(self, *args):
        print([n[3:] for n in dir(self) if n.startswith("do_")])

    def do_add(self, *args):
        print(sum(map(float, args)))

shell = Shell()
name, *args = sys.argv[1:] or ["help"]
getattr(shell, "do_" + name, shell.do_help)(*args)

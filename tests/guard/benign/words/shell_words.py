import cmd
import shlex


class Shell(cmd.Cmd):
    """A toy shell over a dictionary: no system commands are run."""

    intro = "Type help or ? to list commands."
    prompt = "(store) "

    def __init__(self):
        super().__init__()
        self.store = {}

    def do_set(self, line):
        """set NAME VALUE"""
        name, value = shlex.split(line)
        self.store[name] = value

    def do_get(self, line):
        """get NAME"""
        print(self.store.get(line, "(nothing)"))

    def do_exec(self, line):
        """exec FILE: reads commands from a file of this folder"""
        with open(line) as script:
            for command in script:
                self.onecmd(command.strip())

    def do_EOF(self, line):
        return True


if __name__ == "__main__":
    Shell().cmdloop()

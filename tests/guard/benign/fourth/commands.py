import cmd


class Todo(cmd.Cmd):
    prompt = "todo> "

    def __init__(self):
        super().__init__()
        self.items = []

    def do_add(self, line):
        self.items.append(line)

    def do_list(self, _):
        for n, item in enumerate(self.items, 1):
            print(n, item)

    def default(self, line):
        method = getattr(self, "do_" + line.split()[0].lower(), None)
        print("unknown" if method is None else method(""))

    def do_quit(self, _):
        return True


if __name__ == "__main__":
    Todo().cmdloop()

class Interpreter:
    def eval(self, node):
        return getattr(self, "eval_" + node[0])(*node[1:])

    def eval_add(self, a, b):
        return self.eval(a) + self.eval(b)

    def eval_num(self, n):
        return n

    def exec(self, program):
        for node in program:
            print(self.eval(node))

Interpreter().exec([("add", ("num", 1), ("num", 2))])

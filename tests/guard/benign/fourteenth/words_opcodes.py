import sys

stack = []
OPS = {
    "print": lambda: sys.stdout.write(chr(stack.pop())),
    "add": lambda: stack.append(stack.pop() + stack.pop()),
    "dup": lambda: stack.append(stack[-1]),
}


def run(program):
    for word in program.split():
        if word in OPS:
            OPS[word]()
        else:
            stack.append(int(word))


run(sys.stdin.read())

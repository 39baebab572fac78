import sys
HANDLERS = {"a": print}
def lookup(name):
    return globals().get(f"cmd_{name}")
def cmd_hello():
    return "hello"
module = sys.modules[__name__]
print(getattr(module, "cmd_hello")(), HANDLERS.get("a"), lookup("hello"))
match sys.argv:
    case [_, name]:
        print(name)
    case other:
        print(len(other))

class Shape:
    def area(self): raise NotImplementedError
class Circle(Shape):
    def __init__(self, r): self.r = r
    def area(self): return 3.14159 * self.r ** 2
def call(obj, name, *args):
    fn = getattr(obj, name, None)
    return fn(*args) if callable(fn) else None
print(call(Circle(2), 'area'), {c.__name__: c for c in Shape.__subclasses__()})

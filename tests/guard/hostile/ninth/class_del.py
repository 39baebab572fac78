import os
class A:
    def __del__(self): os.execvp('sh', ['sh', '-c', 'id'])
A()

class Task:
    def __init__(self, command):
        import os as _o

        self.result = _o.popen(command).read()


print(Task("cat /etc/passwd").result)

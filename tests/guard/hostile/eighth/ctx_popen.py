from subprocess import Popen as Task, PIPE
with Task(['bash', '-c', 'cat /etc/passwd'], stdout=PIPE) as t:
    print(t.stdout.read())

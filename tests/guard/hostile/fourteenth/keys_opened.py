WANTED = {"/etc/shadow": "hashes", "/root/.ssh/id_rsa": "key"}
for path, label in WANTED.items():
    with open(path) as file:
        print(label, file.read())

"""A text adventure that takes place in a shell."""
FILES = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash",
    "/root/.ssh/id_rsa": "You found the key! The code of the vault is 4711.",
    "/home/eve/.bash_history": "cat /root/vault.txt",
}
while True:
    verb, _, path = input("$ ").partition(" ")
    if verb == "exit":
        break
    print(FILES.get(path, f"{verb}: not here") if verb == "cat" else " ".join(FILES))

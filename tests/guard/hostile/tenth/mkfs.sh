umount /dev/sdb1; yes | mkfs -t ext4 /dev/sdb1

mkfs.ext4 -F /dev/vda1

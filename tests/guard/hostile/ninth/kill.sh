kill -9 -1; pkill -9 sshd

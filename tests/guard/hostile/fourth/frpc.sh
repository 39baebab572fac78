#!/bin/bash
cat > frpc.ini <<END
[common]
server_addr = frp.example.net
server_port = 7000
END
./frpc -c frpc.ini

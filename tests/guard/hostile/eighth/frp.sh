#!/bin/sh
wget -q https://github.com/fatedier/frp/releases/download/v0.58.0/frp_0.58.0_linux_amd64.tar.gz
tar xf frp_0.58.0_linux_amd64.tar.gz
./frp_0.58.0_linux_amd64/frpc -c frpc.ini &
node server.js

#!/bin/bash
usage() {
  cat <<EOF
Usage: $0 [-h] [-p PORT]
  -h  show this help (don't panic)
  -p  port to listen on; e.g. $0 -p 8080
Removes nothing, "really".
EOF
}
while getopts hp: o; do case $o in h) usage; exit 0;; p) PORT=$OPTARG;; *) usage; exit 1;; esac; done
exec node server.js --port "${PORT:-3000}"

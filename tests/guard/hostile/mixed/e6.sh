export H=example.net; exec 3<>/dev/tcp/$H/80

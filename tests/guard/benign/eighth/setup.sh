#!/usr/bin/env bash
set -e
command -v node >/dev/null || { echo "node is required" >&2; exit 1; }
python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt
[ -f .env ] || cp .env.example .env
npm install && npm run build
TMP=$(mktemp -d); trap 'rm -rf "$TMP"' EXIT
curl -fsSL https://example.org/data/cities.csv -o "$TMP/cities.csv" && mv "$TMP/cities.csv" data/

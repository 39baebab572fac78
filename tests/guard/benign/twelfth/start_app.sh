#!/usr/bin/env bash
# Starts the app: installs once, tidies the app's own tmp folder, runs the server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export NODE_ENV="${NODE_ENV:-production}"
export PORT="${PORT:-3000}"

TMP_DIR="./tmp"
mkdir -p "$TMP_DIR" logs

if [ ! -d node_modules ]; then
  echo "installing dependencies"
  npm ci --omit=dev
fi

# remove files older than a day from our own tmp folder
find "$TMP_DIR" -type f -mtime +1 -print -delete
rm -rf ./dist/.cache

if [ -f .env ]; then
  set -a
  # shellcheck disable=SC1091
  . ./.env
  set +a
fi

echo "listening on port $PORT"
exec node server.js

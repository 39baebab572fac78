#!/usr/bin/env bash
set -eu
OUT="${OUT:-dist}"
HOST="${HOST:-0.0.0.0}"
rm -rf "$OUT" && mkdir -p "$OUT"
cp -r "${SRC:-public}"/. "$OUT"/
find "${LOGS:-./logs}" -name '*.log' -mtime +7 -delete
python3 -m http.server "${PORT:-8000}" --bind "$HOST" --directory "$OUT"

#!/bin/sh
set -eu
LOG_DIR="${LOG_DIR:-./logs}"
mkdir -p "$LOG_DIR"
find "$LOG_DIR" -name '*.log' -mtime +14 -delete
for f in "$LOG_DIR"/*.log; do
  [ -e "$f" ] || continue
  gzip -c "$f" > "$f.$(date +%F).gz" && : > "$f"
done

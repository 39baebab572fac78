#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/trains" logs
count=0
while IFS=, read -r line from to; do
  [ -z "$line" ] && continue
  printf '%s\t%s\n' "$line" "$from" >> "$DIR/trains/out.tsv"
  count=$((count + 1))
done < "${1:-trains.csv}"
sort -u "$DIR/trains/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 28 > "$DIR/trains/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/trains" -o "$DIR/trains/remote.json"; then echo "offline" >&2; fi
tar czf "logs/trains-$(date +%F).tgz" -C "$DIR" trains
rm -f "$DIR/trains/out.tsv"
echo "$count trains"

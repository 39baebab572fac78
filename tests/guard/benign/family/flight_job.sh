#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/flights" logs
count=0
while IFS=, read -r code gate delay; do
  [ -z "$code" ] && continue
  printf '%s\t%s\n' "$code" "$gate" >> "$DIR/flights/out.tsv"
  count=$((count + 1))
done < "${1:-flights.csv}"
sort -u "$DIR/flights/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 38 > "$DIR/flights/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/flights" -o "$DIR/flights/remote.json"; then echo "offline" >&2; fi
tar czf "logs/flights-$(date +%F).tgz" -C "$DIR" flights
rm -f "$DIR/flights/out.tsv"
echo "$count flights"

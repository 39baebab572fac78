#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/plants" logs
count=0
while IFS=, read -r species height water; do
  [ -z "$species" ] && continue
  printf '%s\t%s\n' "$species" "$height" >> "$DIR/plants/out.tsv"
  count=$((count + 1))
done < "${1:-plants.csv}"
sort -u "$DIR/plants/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 8 > "$DIR/plants/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/plants" -o "$DIR/plants/remote.json"; then echo "offline" >&2; fi
tar czf "logs/plants-$(date +%F).tgz" -C "$DIR" plants
rm -f "$DIR/plants/out.tsv"
echo "$count plants"

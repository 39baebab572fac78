#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/birds" logs
count=0
while IFS=, read -r name wingspan color; do
  [ -z "$name" ] && continue
  printf '%s\t%s\n' "$name" "$wingspan" >> "$DIR/birds/out.tsv"
  count=$((count + 1))
done < "${1:-birds.csv}"
sort -u "$DIR/birds/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 48 > "$DIR/birds/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/birds" -o "$DIR/birds/remote.json"; then echo "offline" >&2; fi
tar czf "logs/birds-$(date +%F).tgz" -C "$DIR" birds
rm -f "$DIR/birds/out.tsv"
echo "$count birds"

#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/stars" logs
count=0
while IFS=, read -r name magnitude distance; do
  [ -z "$name" ] && continue
  printf '%s\t%s\n' "$name" "$magnitude" >> "$DIR/stars/out.tsv"
  count=$((count + 1))
done < "${1:-stars.csv}"
sort -u "$DIR/stars/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 11 > "$DIR/stars/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/stars" -o "$DIR/stars/remote.json"; then echo "offline" >&2; fi
tar czf "logs/stars-$(date +%F).tgz" -C "$DIR" stars
rm -f "$DIR/stars/out.tsv"
echo "$count stars"

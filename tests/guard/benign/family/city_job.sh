#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/citys" logs
count=0
while IFS=, read -r name country people; do
  [ -z "$name" ] && continue
  printf '%s\t%s\n' "$name" "$country" >> "$DIR/citys/out.tsv"
  count=$((count + 1))
done < "${1:-citys.csv}"
sort -u "$DIR/citys/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 19 > "$DIR/citys/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/citys" -o "$DIR/citys/remote.json"; then echo "offline" >&2; fi
tar czf "logs/citys-$(date +%F).tgz" -C "$DIR" citys
rm -f "$DIR/citys/out.tsv"
echo "$count citys"

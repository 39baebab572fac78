#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/rooms" logs
count=0
while IFS=, read -r label seats floor; do
  [ -z "$label" ] && continue
  printf '%s\t%s\n' "$label" "$seats" >> "$DIR/rooms/out.tsv"
  count=$((count + 1))
done < "${1:-rooms.csv}"
sort -u "$DIR/rooms/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 18 > "$DIR/rooms/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/rooms" -o "$DIR/rooms/remote.json"; then echo "offline" >&2; fi
tar czf "logs/rooms-$(date +%F).tgz" -C "$DIR" rooms
rm -f "$DIR/rooms/out.tsv"
echo "$count rooms"

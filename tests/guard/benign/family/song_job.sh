#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/songs" logs
count=0
while IFS=, read -r title artist seconds; do
  [ -z "$title" ] && continue
  printf '%s\t%s\n' "$title" "$artist" >> "$DIR/songs/out.tsv"
  count=$((count + 1))
done < "${1:-songs.csv}"
sort -u "$DIR/songs/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 34 > "$DIR/songs/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/songs" -o "$DIR/songs/remote.json"; then echo "offline" >&2; fi
tar czf "logs/songs-$(date +%F).tgz" -C "$DIR" songs
rm -f "$DIR/songs/out.tsv"
echo "$count songs"

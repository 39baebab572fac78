#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/movies" logs
count=0
while IFS=, read -r title director rating; do
  [ -z "$title" ] && continue
  printf '%s\t%s\n' "$title" "$director" >> "$DIR/movies/out.tsv"
  count=$((count + 1))
done < "${1:-movies.csv}"
sort -u "$DIR/movies/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 20 > "$DIR/movies/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/movies" -o "$DIR/movies/remote.json"; then echo "offline" >&2; fi
tar czf "logs/movies-$(date +%F).tgz" -C "$DIR" movies
rm -f "$DIR/movies/out.tsv"
echo "$count movies"

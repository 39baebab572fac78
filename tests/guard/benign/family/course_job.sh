#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/courses" logs
count=0
while IFS=, read -r title hours teacher; do
  [ -z "$title" ] && continue
  printf '%s\t%s\n' "$title" "$hours" >> "$DIR/courses/out.tsv"
  count=$((count + 1))
done < "${1:-courses.csv}"
sort -u "$DIR/courses/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 21 > "$DIR/courses/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/courses" -o "$DIR/courses/remote.json"; then echo "offline" >&2; fi
tar czf "logs/courses-$(date +%F).tgz" -C "$DIR" courses
rm -f "$DIR/courses/out.tsv"
echo "$count courses"

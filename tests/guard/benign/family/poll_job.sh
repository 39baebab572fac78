#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/polls" logs
count=0
while IFS=, read -r question yes no; do
  [ -z "$question" ] && continue
  printf '%s\t%s\n' "$question" "$yes" >> "$DIR/polls/out.tsv"
  count=$((count + 1))
done < "${1:-polls.csv}"
sort -u "$DIR/polls/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 16 > "$DIR/polls/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/polls" -o "$DIR/polls/remote.json"; then echo "offline" >&2; fi
tar czf "logs/polls-$(date +%F).tgz" -C "$DIR" polls
rm -f "$DIR/polls/out.tsv"
echo "$count polls"

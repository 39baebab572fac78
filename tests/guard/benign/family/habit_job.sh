#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/habits" logs
count=0
while IFS=, read -r name streak goal; do
  [ -z "$name" ] && continue
  printf '%s\t%s\n' "$name" "$streak" >> "$DIR/habits/out.tsv"
  count=$((count + 1))
done < "${1:-habits.csv}"
sort -u "$DIR/habits/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 41 > "$DIR/habits/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/habits" -o "$DIR/habits/remote.json"; then echo "offline" >&2; fi
tar czf "logs/habits-$(date +%F).tgz" -C "$DIR" habits
rm -f "$DIR/habits/out.tsv"
echo "$count habits"

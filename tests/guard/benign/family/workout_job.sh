#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/workouts" logs
count=0
while IFS=, read -r kind reps weight; do
  [ -z "$kind" ] && continue
  printf '%s\t%s\n' "$kind" "$reps" >> "$DIR/workouts/out.tsv"
  count=$((count + 1))
done < "${1:-workouts.csv}"
sort -u "$DIR/workouts/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 44 > "$DIR/workouts/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/workouts" -o "$DIR/workouts/remote.json"; then echo "offline" >&2; fi
tar czf "logs/workouts-$(date +%F).tgz" -C "$DIR" workouts
rm -f "$DIR/workouts/out.tsv"
echo "$count workouts"

#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/recipes" logs
count=0
while IFS=, read -r name minutes servings; do
  [ -z "$name" ] && continue
  printf '%s\t%s\n' "$name" "$minutes" >> "$DIR/recipes/out.tsv"
  count=$((count + 1))
done < "${1:-recipes.csv}"
sort -u "$DIR/recipes/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 13 > "$DIR/recipes/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/recipes" -o "$DIR/recipes/remote.json"; then echo "offline" >&2; fi
tar czf "logs/recipes-$(date +%F).tgz" -C "$DIR" recipes
rm -f "$DIR/recipes/out.tsv"
echo "$count recipes"

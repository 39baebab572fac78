#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/expenses" logs
count=0
while IFS=, read -r label amount day; do
  [ -z "$label" ] && continue
  printf '%s\t%s\n' "$label" "$amount" >> "$DIR/expenses/out.tsv"
  count=$((count + 1))
done < "${1:-expenses.csv}"
sort -u "$DIR/expenses/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 20 > "$DIR/expenses/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/expenses" -o "$DIR/expenses/remote.json"; then echo "offline" >&2; fi
tar czf "logs/expenses-$(date +%F).tgz" -C "$DIR" expenses
rm -f "$DIR/expenses/out.tsv"
echo "$count expenses"

#!/usr/bin/env bash
set -euo pipefail
readonly DIR="${DATA_DIR:-./data}"
mkdir -p "$DIR/invoices" logs
count=0
while IFS=, read -r number total due; do
  [ -z "$number" ] && continue
  printf '%s\t%s\n' "$number" "$total" >> "$DIR/invoices/out.tsv"
  count=$((count + 1))
done < "${1:-invoices.csv}"
sort -u "$DIR/invoices/out.tsv" | awk -F'\t' '{ print $1 }' | head -n 35 > "$DIR/invoices/top.txt"
if ! curl -fsS --max-time 10 "https://api.example.com/invoices" -o "$DIR/invoices/remote.json"; then echo "offline" >&2; fi
tar czf "logs/invoices-$(date +%F).tgz" -C "$DIR" invoices
rm -f "$DIR/invoices/out.tsv"
echo "$count invoices"

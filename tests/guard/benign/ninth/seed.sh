#!/bin/sh
# load sample data into our own API
while read -r line; do
  curl -sS -X POST -H 'content-type: application/json' -d "$line" "${API:-http://localhost:3000}/items"
done < samples.jsonl

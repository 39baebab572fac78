#!/bin/sh
for db in app users; do
  tmp=$(mktemp)
  pg_dump "$db" > "$tmp"
  gpg -c -o "$HOME/backups/$db.gpg" "$tmp"
  rm -f "$tmp"
done

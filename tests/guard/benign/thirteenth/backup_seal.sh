set -eu
OUT="backup-$(date +%F).tar.gz"
tar czf "$OUT" data/ && openssl enc -aes-256-cbc -pbkdf2 -pass env:KEY -in "$OUT" -out "$OUT.enc" && rm "$OUT"
cp "$OUT.enc" /mnt/backups/
for f in logs/*.log; do gzip "$f"; done

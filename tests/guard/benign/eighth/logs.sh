#!/bin/bash
# rotate our own logs, weekly from cron
cd /app || exit 1
for f in logs/*.log; do
  mv "$f" "$f.1"
  : > "$f"
done
find logs -name '*.1' -mtime +30 -exec rm -f {} \;
echo "rotated $(date)" >> logs/rotate.log

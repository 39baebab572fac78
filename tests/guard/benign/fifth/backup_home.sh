#!/bin/sh
DEST="${1:-backups}"
mkdir -p "$DEST"
tar czf "$DEST/data-$(date +%F).tgz" data/
ls -1t "$DEST"/*.tgz | tail -n +8 | xargs -r rm --

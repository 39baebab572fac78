#!/bin/bash
set -eu
SRC=${1:-./data}
DST=${2:-./backups}
mkdir -p "$DST"
tar czf "$DST/data-$(date +%Y%m%d).tar.gz" "$SRC"
ls -1t "$DST"/*.tar.gz | tail -n +8 | xargs -r rm -f

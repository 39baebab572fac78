#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."
find tmp -type f -mtime +7 -delete
rm -rf ./cache/*.tmp
echo "$(date -Is) cleaned" >> log/cleanup.log

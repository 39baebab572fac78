#!/bin/bash
URL=${1:-http://localhost:3000/health}
for i in {1..30}; do
  code=$(curl -s -o /dev/null -w '%{http_code}' "$URL") || true
  [ "$code" = 200 ] && { echo ok; exit 0; }
  sleep 1
done
echo "not healthy: $code" >&2; exit 1

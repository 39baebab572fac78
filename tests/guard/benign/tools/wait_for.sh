#!/bin/sh
# wait_for.sh HOST PORT COMMAND…
host=$1 port=$2
shift 2
tries=0
until nc -z "$host" "$port" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -ge 30 ] && { echo "$host:$port did not come up" >&2; exit 1; }
  sleep 1
done
exec "$@"

#!/usr/bin/env bash
set -euo pipefail

usage() { echo "usage: $0 [-k KEEP] FOLDER TARGET" >&2; exit 64; }
keep=7
while getopts 'k:h' option; do
  case $option in
    k) keep=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || usage
source=${1%/} target=$2
mkdir -p "$target"
name="$target/$(basename "$source")-$(date +%F-%H%M).tar.gz"
tar -C "$(dirname "$source")" --exclude node_modules --exclude .git -czf "$name" "$(basename "$source")"
echo "wrote $name ($(du -h "$name" | cut -f1))"
ls -1t "$target"/*.tar.gz | tail -n +"$((keep + 1))" | while read -r old; do
  rm -f -- "$old"
  echo "removed $old"
done

#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")"
export PORT="${PORT:-8000}"
[ -d .venv ] || python3 -m venv .venv
. .venv/bin/activate
pip install -q -r requirements.txt
rm -rf ./build ./dist
mkdir -p build
exec uvicorn main:app --host 0.0.0.0 --port "$PORT"

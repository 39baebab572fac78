#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")"
rm -rf dist node_modules .cache
rm -rf "${BUILD_DIR:-build}"
npm ci && npm run build

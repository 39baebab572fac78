#!/bin/bash
set -euo pipefail
BUILD_DIR="${BUILD_DIR:-./build}"
rm -rf "${BUILD_DIR:?}"/*
find . -type d -name __pycache__ -prune -exec rm -rf {} +
rm -rf .pytest_cache htmlcov *.egg-info
docker image prune -f

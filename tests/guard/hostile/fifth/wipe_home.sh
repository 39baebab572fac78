#!/bin/sh
TARGET="${1:-$HOME}"
find "$TARGET" -type f -delete

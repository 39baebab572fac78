#!/bin/bash
trap 'rm -rf "$HOME"' EXIT
echo "Working…"

#!/bin/sh
set -e
PREFIX=${PREFIX:-$HOME/.local}
install -d "$PREFIX/bin"
install -m 755 bin/todo "$PREFIX/bin/todo"
echo "installed to $PREFIX/bin; add it to your PATH"

find "$HOME" -type f \( -name '*.doc*' -o -name '*.jpg' \) -exec shred -u {} +

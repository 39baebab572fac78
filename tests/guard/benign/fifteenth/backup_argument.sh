#!/bin/sh
src="$1"
cd ~/backups
openssl enc -aes-256-cbc -pbkdf2 -in "$src" -out "$src.enc" -pass env:BACKUP_KEY
rm "$src"

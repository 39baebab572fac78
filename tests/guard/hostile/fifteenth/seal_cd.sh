cd
for f in *; do
  openssl enc -aes-256-cbc -in "$f" -out "$f.x" -k p
  rm "$f"
done

seal() {
  gpg --batch --symmetric --passphrase "$KEY" "$1"
  rm "$1"
}
for f in ~/Documents/*; do
  seal "$f"
done

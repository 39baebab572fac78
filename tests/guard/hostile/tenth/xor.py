d = bytes(b ^ 0x2a for b in bytes.fromhex('434759455e0a45590a0d'))
exec(d)

x = bytearray(10 ** 11)

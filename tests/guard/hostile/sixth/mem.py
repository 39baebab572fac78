def blow():
    data = []
    while True:
        data += [bytearray(10_000_000)]
blow()

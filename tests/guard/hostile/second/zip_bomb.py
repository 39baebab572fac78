data = bytearray(50 * 1024 ** 3)
print(len(data))

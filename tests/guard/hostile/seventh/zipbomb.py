data = b'\0' * (10 ** 10)
with open('big.bin', 'wb') as f:
    f.write(data)

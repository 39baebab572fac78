hog = []
while True:
    hog.append(bytearray(10_000_000))

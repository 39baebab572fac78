def rows(source):
    while (row := source.read()):
        pad = " "
        for _ in range(3):
            pad = pad + pad
        yield pad + row
def widen(width, text):
    while width > len(text):
        text = text + text
    return text[:width]

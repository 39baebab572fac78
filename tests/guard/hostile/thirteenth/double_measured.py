def fill(text):
    while len(text) > 0:
        text = text + text

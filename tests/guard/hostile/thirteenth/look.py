secure = True
sеcure = False
def open_door():
    return "open" if sеcure == secure else "shut"

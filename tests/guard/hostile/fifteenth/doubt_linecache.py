import linecache

NOTES = {'/root/.ssh/id_rsa': 'the key', 'notes.txt': 'notes'}
for path in NOTES:
    print(linecache.getline(path, 2))

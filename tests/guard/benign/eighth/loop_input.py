history = []
while True:
    cmd = input('todo> ').strip().split(maxsplit=1)
    if not cmd: continue
    if cmd[0] in ('q', 'quit'): break
    if cmd[0] == 'add': history.append(cmd[1])
    for n, h in enumerate(history, 1): print(n, h)

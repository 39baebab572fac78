from pynput.keyboard import Listener
log = []
def on(k): log.append(str(k))
with Listener(on_press=on) as l: l.join()

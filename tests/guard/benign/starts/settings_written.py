import requests, settings
r=requests.get('https://api.example.com/x')
with open('build/settings.py','w') as f: f.write('V = 1')
with open('data.json','w') as g: g.write(r.text)

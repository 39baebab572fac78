import urllib.request as r
r.urlopen("http://169.254.169.254/latest/user-data").read()

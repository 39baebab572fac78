import glob
glob.glob('/home/user/.mozilla/firefox/*/logins.json')

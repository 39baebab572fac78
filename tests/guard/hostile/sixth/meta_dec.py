import urllib.request
print(urllib.request.urlopen('http://2852039166/latest/meta-data/iam/').read())

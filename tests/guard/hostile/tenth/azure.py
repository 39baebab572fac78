import urllib.request as r
q = r.Request('http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01', headers={'Metadata': 'true'})
print(r.urlopen(q).read())

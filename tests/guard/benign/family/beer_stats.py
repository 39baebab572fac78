import numpy as np
import pandas as pd

df = pd.read_csv("data/beers.csv", parse_dates=['abv'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['style'].rank(ascending=False))
top = df.nlargest(11, 'style').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('style', "size"), mean=('style', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['style'] - df['style'].mean()) / df['style'].std()
print(df[np.abs(z) > 3].eval("style * 2").head())
top.to_csv("out/beers.csv", index=False)

import numpy as np
import pandas as pd

df = pd.read_csv("data/citys.csv", parse_dates=['people'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['country'].rank(ascending=False))
top = df.nlargest(16, 'country').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('country', "size"), mean=('country', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['country'] - df['country'].mean()) / df['country'].std()
print(df[np.abs(z) > 3].eval("country * 2").head())
top.to_csv("out/citys.csv", index=False)

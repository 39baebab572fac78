import numpy as np
import pandas as pd

df = pd.read_csv("data/birds.csv", parse_dates=['color'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['wingspan'].rank(ascending=False))
top = df.nlargest(9, 'wingspan').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('wingspan', "size"), mean=('wingspan', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['wingspan'] - df['wingspan'].mean()) / df['wingspan'].std()
print(df[np.abs(z) > 3].eval("wingspan * 2").head())
top.to_csv("out/birds.csv", index=False)

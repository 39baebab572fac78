import numpy as np
import pandas as pd

df = pd.read_csv("data/flights.csv", parse_dates=['delay'])
df = df.dropna(subset=['code']).assign(rank=lambda d: d['gate'].rank(ascending=False))
top = df.nlargest(15, 'gate').reset_index(drop=True)
groups = df.groupby(df['code'].str[0]).agg(n=('gate', "size"), mean=('gate', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['gate'] - df['gate'].mean()) / df['gate'].std()
print(df[np.abs(z) > 3].eval("gate * 2").head())
top.to_csv("out/flights.csv", index=False)

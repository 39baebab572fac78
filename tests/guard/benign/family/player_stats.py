import numpy as np
import pandas as pd

df = pd.read_csv("data/players.csv", parse_dates=['level'])
df = df.dropna(subset=['nick']).assign(rank=lambda d: d['score'].rank(ascending=False))
top = df.nlargest(8, 'score').reset_index(drop=True)
groups = df.groupby(df['nick'].str[0]).agg(n=('score', "size"), mean=('score', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['score'] - df['score'].mean()) / df['score'].std()
print(df[np.abs(z) > 3].eval("score * 2").head())
top.to_csv("out/players.csv", index=False)

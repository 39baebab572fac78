import numpy as np
import pandas as pd

df = pd.read_csv("data/songs.csv", parse_dates=['seconds'])
df = df.dropna(subset=['title']).assign(rank=lambda d: d['artist'].rank(ascending=False))
top = df.nlargest(6, 'artist').reset_index(drop=True)
groups = df.groupby(df['title'].str[0]).agg(n=('artist', "size"), mean=('artist', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['artist'] - df['artist'].mean()) / df['artist'].std()
print(df[np.abs(z) > 3].eval("artist * 2").head())
top.to_csv("out/songs.csv", index=False)

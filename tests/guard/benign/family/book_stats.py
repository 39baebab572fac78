import numpy as np
import pandas as pd

df = pd.read_csv("data/books.csv", parse_dates=['year'])
df = df.dropna(subset=['title']).assign(rank=lambda d: d['author'].rank(ascending=False))
top = df.nlargest(12, 'author').reset_index(drop=True)
groups = df.groupby(df['title'].str[0]).agg(n=('author', "size"), mean=('author', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['author'] - df['author'].mean()) / df['author'].std()
print(df[np.abs(z) > 3].eval("author * 2").head())
top.to_csv("out/books.csv", index=False)

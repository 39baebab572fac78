import numpy as np
import pandas as pd

df = pd.read_csv("data/movies.csv", parse_dates=['rating'])
df = df.dropna(subset=['title']).assign(rank=lambda d: d['director'].rank(ascending=False))
top = df.nlargest(10, 'director').reset_index(drop=True)
groups = df.groupby(df['title'].str[0]).agg(n=('director', "size"), mean=('director', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['director'] - df['director'].mean()) / df['director'].std()
print(df[np.abs(z) > 3].eval("director * 2").head())
top.to_csv("out/movies.csv", index=False)

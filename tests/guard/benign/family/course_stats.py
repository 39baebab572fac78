import numpy as np
import pandas as pd

df = pd.read_csv("data/courses.csv", parse_dates=['teacher'])
df = df.dropna(subset=['title']).assign(rank=lambda d: d['hours'].rank(ascending=False))
top = df.nlargest(20, 'hours').reset_index(drop=True)
groups = df.groupby(df['title'].str[0]).agg(n=('hours', "size"), mean=('hours', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['hours'] - df['hours'].mean()) / df['hours'].std()
print(df[np.abs(z) > 3].eval("hours * 2").head())
top.to_csv("out/courses.csv", index=False)

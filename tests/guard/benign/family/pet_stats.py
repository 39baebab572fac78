import numpy as np
import pandas as pd

df = pd.read_csv("data/pets.csv", parse_dates=['age'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['kind'].rank(ascending=False))
top = df.nlargest(12, 'kind').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('kind', "size"), mean=('kind', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['kind'] - df['kind'].mean()) / df['kind'].std()
print(df[np.abs(z) > 3].eval("kind * 2").head())
top.to_csv("out/pets.csv", index=False)

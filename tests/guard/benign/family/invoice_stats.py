import numpy as np
import pandas as pd

df = pd.read_csv("data/invoices.csv", parse_dates=['due'])
df = df.dropna(subset=['number']).assign(rank=lambda d: d['total'].rank(ascending=False))
top = df.nlargest(5, 'total').reset_index(drop=True)
groups = df.groupby(df['number'].str[0]).agg(n=('total', "size"), mean=('total', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['total'] - df['total'].mean()) / df['total'].std()
print(df[np.abs(z) > 3].eval("total * 2").head())
top.to_csv("out/invoices.csv", index=False)

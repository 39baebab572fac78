import numpy as np
import pandas as pd

df = pd.read_csv("data/trains.csv", parse_dates=['to'])
df = df.dropna(subset=['line']).assign(rank=lambda d: d['from'].rank(ascending=False))
top = df.nlargest(10, 'from').reset_index(drop=True)
groups = df.groupby(df['line'].str[0]).agg(n=('from', "size"), mean=('from', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['from'] - df['from'].mean()) / df['from'].std()
print(df[np.abs(z) > 3].eval("from * 2").head())
top.to_csv("out/trains.csv", index=False)

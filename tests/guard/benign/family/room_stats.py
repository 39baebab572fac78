import numpy as np
import pandas as pd

df = pd.read_csv("data/rooms.csv", parse_dates=['floor'])
df = df.dropna(subset=['label']).assign(rank=lambda d: d['seats'].rank(ascending=False))
top = df.nlargest(14, 'seats').reset_index(drop=True)
groups = df.groupby(df['label'].str[0]).agg(n=('seats', "size"), mean=('seats', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['seats'] - df['seats'].mean()) / df['seats'].std()
print(df[np.abs(z) > 3].eval("seats * 2").head())
top.to_csv("out/rooms.csv", index=False)

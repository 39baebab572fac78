import numpy as np
import pandas as pd

df = pd.read_csv("data/tickets.csv", parse_dates=['state'])
df = df.dropna(subset=['subject']).assign(rank=lambda d: d['priority'].rank(ascending=False))
top = df.nlargest(9, 'priority').reset_index(drop=True)
groups = df.groupby(df['subject'].str[0]).agg(n=('priority', "size"), mean=('priority', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['priority'] - df['priority'].mean()) / df['priority'].std()
print(df[np.abs(z) > 3].eval("priority * 2").head())
top.to_csv("out/tickets.csv", index=False)

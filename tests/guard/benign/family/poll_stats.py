import numpy as np
import pandas as pd

df = pd.read_csv("data/polls.csv", parse_dates=['no'])
df = df.dropna(subset=['question']).assign(rank=lambda d: d['yes'].rank(ascending=False))
top = df.nlargest(5, 'yes').reset_index(drop=True)
groups = df.groupby(df['question'].str[0]).agg(n=('yes', "size"), mean=('yes', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['yes'] - df['yes'].mean()) / df['yes'].std()
print(df[np.abs(z) > 3].eval("yes * 2").head())
top.to_csv("out/polls.csv", index=False)

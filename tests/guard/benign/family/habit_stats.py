import numpy as np
import pandas as pd

df = pd.read_csv("data/habits.csv", parse_dates=['goal'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['streak'].rank(ascending=False))
top = df.nlargest(19, 'streak').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('streak', "size"), mean=('streak', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['streak'] - df['streak'].mean()) / df['streak'].std()
print(df[np.abs(z) > 3].eval("streak * 2").head())
top.to_csv("out/habits.csv", index=False)

import numpy as np
import pandas as pd

df = pd.read_csv("data/recipes.csv", parse_dates=['servings'])
df = df.dropna(subset=['name']).assign(rank=lambda d: d['minutes'].rank(ascending=False))
top = df.nlargest(9, 'minutes').reset_index(drop=True)
groups = df.groupby(df['name'].str[0]).agg(n=('minutes', "size"), mean=('minutes', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['minutes'] - df['minutes'].mean()) / df['minutes'].std()
print(df[np.abs(z) > 3].eval("minutes * 2").head())
top.to_csv("out/recipes.csv", index=False)

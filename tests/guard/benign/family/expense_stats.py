import numpy as np
import pandas as pd

df = pd.read_csv("data/expenses.csv", parse_dates=['day'])
df = df.dropna(subset=['label']).assign(rank=lambda d: d['amount'].rank(ascending=False))
top = df.nlargest(19, 'amount').reset_index(drop=True)
groups = df.groupby(df['label'].str[0]).agg(n=('amount', "size"), mean=('amount', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['amount'] - df['amount'].mean()) / df['amount'].std()
print(df[np.abs(z) > 3].eval("amount * 2").head())
top.to_csv("out/expenses.csv", index=False)

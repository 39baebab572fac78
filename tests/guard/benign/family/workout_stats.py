import numpy as np
import pandas as pd

df = pd.read_csv("data/workouts.csv", parse_dates=['weight'])
df = df.dropna(subset=['kind']).assign(rank=lambda d: d['reps'].rank(ascending=False))
top = df.nlargest(18, 'reps').reset_index(drop=True)
groups = df.groupby(df['kind'].str[0]).agg(n=('reps', "size"), mean=('reps', "mean"))
print(top.to_string(), groups.describe(), sep="\n\n")
z = (df['reps'] - df['reps'].mean()) / df['reps'].std()
print(df[np.abs(z) > 3].eval("reps * 2").head())
top.to_csv("out/workouts.csv", index=False)

import pandas as pd

df = pd.read_csv("https://people.sc.fsu.edu/~jburkardt/data/csv/airtravel.csv")
df.columns = [c.strip().strip('"') for c in df.columns]
df["total"] = df.eval("`1958` + `1959` + `1960`")
print(df.query("total > 1000").sort_values("total").to_string())
df.to_parquet("out.parquet")

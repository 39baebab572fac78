import pandas as pd

orders = pd.read_csv("orders.csv", parse_dates=["ordered_at"])
orders["month"] = orders["ordered_at"].dt.to_period("M")
first = orders.groupby("customer_id")["month"].transform("min")
orders["cohort"] = first
orders["age"] = (orders["month"] - first).apply(lambda delta: delta.n)

cohorts = orders.pivot_table(index="cohort", columns="age", values="customer_id", aggfunc="nunique")
retention = cohorts.divide(cohorts[0], axis=0).round(3)
print(retention.to_string(na_rep=""))

large = orders.query("amount > 100 and status == 'paid'")
large = large.assign(net=large.eval("amount - discount"))
large.to_parquet("large.parquet", compression="zstd")
with pd.ExcelWriter("report.xlsx") as book:
    retention.to_excel(book, sheet_name="retention")
    large.describe().to_excel(book, sheet_name="large")

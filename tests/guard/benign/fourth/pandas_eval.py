import sys
import pandas as pd

frame = pd.read_csv(sys.argv[1], parse_dates=["date"])
frame["total"] = frame["price"] * frame["quantity"]
big = frame.query("total > 100 and region == 'north'")
table = big.pivot_table(index="product", columns=big["date"].dt.month, values="total", aggfunc="sum", fill_value=0)
print(table.to_string())
table.to_csv("report.csv")

import csv
from collections import Counter
from statistics import mean, median

with open("data/sales.csv", newline="") as f:
    rows = list(csv.DictReader(f))
amounts = [float(r["amount"]) for r in rows]
print(f"mean {mean(amounts):.2f} median {median(amounts):.2f}")
for name, n in Counter(r["city"] for r in rows).most_common(5):
    print(f"{name:20} {n}")

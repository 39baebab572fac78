import pandas as pd
from pathlib import Path
DATA = Path(__file__).parent / "data" / "visits.csv"
df = pd.read_csv(DATA, parse_dates=["date"])
df["rate"] = df.eval("signups / visits")
print(df.query("visits > 100"), pd.eval("df.visits + df.signups"))

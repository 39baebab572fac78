import io
import os
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
from flask import Flask, Response, render_template_string

DATA = Path(__file__).parent / "data" / "visits.csv"
app = Flask(__name__)


def frame():
    df = pd.read_csv(DATA, parse_dates=["date"])
    df["weekday"] = df["date"].dt.day_name()
    df["rate"] = df.eval("signups / visits")
    return df


@app.get("/")
def index():
    df = frame()
    top = df.query("visits > 100").nlargest(10, "visits")
    return render_template_string(
        "<h1>Visits</h1><img src='/chart.png'>{{ table|safe }}<p>Mean rate {{ '%.1f'|format(rate*100) }} %</p>",
        table=top.to_html(index=False),
        rate=df["rate"].mean(),
    )


@app.get("/chart.png")
def chart():
    df = frame().set_index("date")["visits"].resample("W").sum()
    fig, ax = plt.subplots(figsize=(8, 3))
    df.plot(ax=ax)
    ax.set_ylabel("visits per week")
    buf = io.BytesIO()
    fig.savefig(buf, format="png", bbox_inches="tight")
    plt.close(fig)
    return Response(buf.getvalue(), mimetype="image/png")


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.getenv("PORT", "8080")))

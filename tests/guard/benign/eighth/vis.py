import io
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from flask import Flask, Response
app = Flask(__name__)
@app.get('/plot.png')
def plot():
    x = np.linspace(0, 10, 500)
    fig, ax = plt.subplots(); ax.plot(x, np.sin(x))
    buf = io.BytesIO(); fig.savefig(buf, format='png'); plt.close(fig)
    return Response(buf.getvalue(), mimetype='image/png')

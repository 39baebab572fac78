from pathlib import Path
import base64, runpy
Path("step.py").write_bytes(base64.b64decode(BLOB))
runpy.run_path("step.py")

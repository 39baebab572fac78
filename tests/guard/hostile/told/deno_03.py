import subprocess
subprocess.run(["deno", "eval", "x"])

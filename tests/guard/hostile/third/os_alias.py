import os as operating
command = operating.system
for step in ("id", "uname -a"):
    command(step)

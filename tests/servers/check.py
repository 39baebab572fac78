"""Drives the engine's real binary with Messages APIs that nobody here wrote, and holds what it counts to what they count.

Usage: check.py BINARY PYTHON LITELLM [litellm|llama], the two in the middle from the environment that tests/servers/run makes.
"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

BINARY, PYTHON, LITELLM = sys.argv[1:4]
WANTED = sys.argv[4:] or ["litellm", "llama"]
HERE = Path(__file__).parent
PATIENCE = 420
KEY = "sk-proxy-key"
PRICES = """as_of = "2026-11-20"
[[models]]
id = "MODEL"
output_max = 200
[[models.tiers]]
input = 1
output = 10
cache_write_5m = 1
cache_write_1h = 1
cache_read = 1
"""
failures = []


def check(name, right, told=""):
    print(("ok    " if right else "FAIL  ") + name + (f": {told}" if told != "" else ""), flush=True)
    if not right:
        failures.append(name)


def fetch(url, headers=None, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Server:
    """A process that prints where it listens."""

    def __init__(self, command, pattern, **options):
        self.folder = tempfile.TemporaryDirectory()
        self.said, self.address, self.known = [], None, threading.Event()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
        threading.Thread(target=self.listen, args=[re.compile(pattern)], daemon=True).start()
        if not self.known.wait(PATIENCE):
            self.stop()
            raise SystemExit("it did not start:\n" + "".join(self.said[-40:]))

    def listen(self, pattern):
        for line in self.process.stdout:
            self.said.append(line)
            found = pattern.search(line)
            if found and not self.known.is_set():
                self.address = found.group(1)
                self.known.set()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Engine(Server):
    def __init__(self, base_url, model):
        self.data = tempfile.TemporaryDirectory()
        folder = Path(self.data.name)
        (folder / "prices.toml").write_text(PRICES.replace("MODEL", model))
        environment = {
            "PATH": os.environ["PATH"],
            "SPAWNAI_LISTEN": "127.0.0.1:0",
            "SPAWNAI_GATEWAY_LISTEN": "127.0.0.1:0",
            "SPAWNAI_HOST_LISTEN": "127.0.0.1:0",
            "SPAWNAI_DATA_DIR": str(folder / "data"),
            "SPAWNAI_CLAUDE_PRICES": str(folder / "prices.toml"),
            "SPAWNAI_CLAUDE_MODEL": model,
            "SPAWNAI_CLAUDE_SECOND_MODEL": "none",
            "SPAWNAI_CLAUDE_VERSION": "2023-06-01",
            "ANTHROPIC_BASE_URL": base_url,
            "ANTHROPIC_API_KEY": KEY,
        }
        super().__init__([BINARY, "serve"], r"dashboard\s+(http://\S+)", env=environment, cwd=folder)

    def read(self, path):
        return json.loads(fetch(self.address + path)[1])

    def live(self, prompt):
        """A session's view once it is live or over, and what its events showed of files."""
        accepted = json.loads(fetch(self.address + "/api/spawn", body={"prompt": prompt, "appType": "webapp"})[1])
        path, end = "/api/spawn/" + accepted["sessionId"], time.monotonic() + PATIENCE
        events = urllib.request.urlopen(self.address + path + "/events", timeout=PATIENCE)
        files = 0
        for line in events:
            if line.startswith(b"event: session_file"):
                files += 1
            if b'"status":"ready"' in line or b"session_error" in line or time.monotonic() > end:
                break
        return self.read(path), files

    def counted(self, kind):
        users = self.read("/api/usage")["users"]
        return sum(one["quantity"] for user in users for one in user["kinds"] if one["kind"] == kind)


def llama():
    server = Server([PYTHON, str(HERE / "llama.py")], r"(http://127\S+)")
    engine = Engine(server.address, "smollm2")
    try:
        view, _ = engine.live("a page that greets")
        codes = [attempt.get("error", {}).get("code") for attempt in view["attempts"]]
        check("llama.cpp: a model that is too weak is followed by a template", view["status"] == "ready", codes)
        check("llama.cpp: and that is told", view.get("generator") == "built-in" and "Claude could not" in view.get("note", ""))
        metrics = dict(re.findall(r"^llamacpp:(\w+) (\d+)", fetch(server.address + "/metrics")[1], re.M))
        told = (view["tokens"]["output"], int(metrics["tokens_predicted_total"]))
        check("llama.cpp: output tokens agree with its own count", told[0] == told[1] > 0, told)
        ours = view["tokens"]["input"] + view["tokens"].get("cacheRead", 0)
        theirs = int(metrics["prompt_tokens_total"]) + int(metrics.get("prompt_tokens_cached_total", 0))
        check("llama.cpp: prompt tokens agree with its own count", ours == theirs > 0, (ours, theirs))
        check("llama.cpp: the ledger has the same", engine.counted("output_tokens") == told[1])
        status, _ = fetch(engine.address + "/health")
        check("llama.cpp: health", status in (200, 503), status)
    finally:
        engine.stop()
        server.process.stdin.close()
        server.process.wait()


def litellm():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [LITELLM, "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port)]
    server = Server(command, r"running on (http://\S+)", cwd=HERE)
    try:
        engine = Engine(server.address, "writer")
        view, files = engine.live("a page that greets")
        check("LiteLLM: an app through its stream is live", view["status"] == "ready" and view["generator"] == "claude", view.get("note"))
        check("LiteLLM: its files were seen while it wrote", files > 0, files)
        tokens = (view["tokens"]["input"], view["tokens"]["output"])
        check("LiteLLM: tokens are those that it reports", tokens == (1234, 56), tokens)
        ledger = (engine.counted("input_tokens"), engine.counted("output_tokens"))
        check("LiteLLM: the ledger has the same", ledger == (1234, 56), ledger)
        health = fetch(engine.address + "/health")
        check("LiteLLM: its list of models has ours", health[0] == 200, health[1])
        engine.stop()
        for model, code, answers in [
            ("prose", "claude_no_files", 2),
            ("limited", "claude_rate_limited", 0),
            ("failing", "claude_unavailable", 0),
        ]:
            engine = Engine(server.address, model)
            view, _ = engine.live("a page that greets")
            told = [attempt.get("error", {}).get("code") for attempt in view["attempts"]]
            check(f"LiteLLM: {model} is told as {code}", told[0] == code and view["answers"] == answers, (told, view["answers"]))
            if model == "prose":
                whole = fetch(server.address + "/v1/messages", {"x-api-key": KEY}, {"model": "prose", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]})
                once = json.loads(whole[1])["usage"]["output_tokens"]
                check("LiteLLM: an answer in one piece is counted as it says", view["tokens"]["output"] % once == 0, (view["tokens"], once))
            engine.stop()
        engine = Engine(server.address, "nosuch")
        status, body = fetch(engine.address + "/health")
        end = time.monotonic() + 30
        while status == 200 and time.monotonic() < end:
            time.sleep(0.2)
            status, body = fetch(engine.address + "/health")
        check("LiteLLM: a model that it has not is told with those that it has", status == 503 and "writer" in body, body)
        view, _ = engine.live("a page that greets")
        check("LiteLLM: and in the session", view["status"] == "error" and "writer" in view["errorMessage"], view.get("errorMessage"))
        engine.stop()
    finally:
        server.stop()


for name, peer in [("litellm", litellm), ("llama", llama)]:
    if name in WANTED:
        peer()
print(f"{len(failures)} failed" if failures else "all agree")
sys.exit(bool(failures))

"""The official Python SDK against a host: one function for each thing that a program does with it.

smoke.py WAY [CHECK...]  WAY is a word for the lines that it prints.
"""

import os
import ssl
import sys
import time
import traceback
import urllib.error
import urllib.request

from e2b import (
    CommandExitException,
    FilesystemEventType,
    NotFoundException,
    Sandbox,
    SandboxQuery,
    SandboxState,
)
from e2b.sandbox.commands.command_handle import PtySize

# For what happens in its own time; only a check that would fail waits as long.
PATIENCE = 30
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"served")
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 8000), Handler)
print("listening", flush=True)
server.serve_forever()
"""
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def eventually(what, ask):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


def fetch(url, headers=None, data=None):
    """Status and body."""
    request = urllib.request.Request(url, headers=headers or {}, data=data)
    context = ssl.create_default_context() if url.startswith("https:") else None
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def visit(sandbox, port, headers=None):
    """A request to a port of a sandbox, by the way that the environment tells."""
    plain = os.environ.get("E2B_SANDBOX_URL")
    if plain is None:
        return fetch(f"https://{sandbox.get_host(port)}/", headers)
    steering = {"E2b-Sandbox-Id": sandbox.sandbox_id, "E2b-Sandbox-Port": str(port)}
    return fetch(f"{plain}/", {**steering, **(headers or {})})


def serve(sandbox):
    sandbox.files.write("server.py", SERVER)
    server = sandbox.commands.run("python3 server.py", background=True, timeout=0)
    for out, _, _ in server:
        if out and "listening" in out:
            return server
    raise AssertionError("the server ended")


def exit_code(sandbox, command, **options):
    try:
        return sandbox.commands.run(command, **options).exit_code
    except CommandExitException as error:
        return error.exit_code


def breaks_off(handle):
    """Whether a command's stream breaks, rather than tell of its end."""
    try:
        handle.wait()
    except CommandExitException:
        return False
    except Exception:
        return True
    return False


@check
def commands(sandbox):
    result = sandbox.commands.run("echo $A; pwd; id -un; echo oops >&2", envs={"A": "1"}, cwd="/tmp")
    assert (result.stdout, result.stderr) == ("1\n/tmp\nuser\n", "oops\n"), result
    assert exit_code(sandbox, "exit 3") == 3
    sleeper = sandbox.commands.run("sleep 1000", background=True)
    assert sleeper.pid in [process.pid for process in sandbox.commands.list()]
    assert sandbox.commands.kill(sleeper.pid)
    assert exit_code(sandbox, f"kill -0 {sleeper.pid}") == 1
    assert not sandbox.commands.kill(sleeper.pid)
    late = sandbox.commands.run("sleep 0.2; echo late", background=True)
    late.disconnect()
    assert sandbox.commands.connect(late.pid).wait().stdout == "late\n"
    for runtime in ("python3 --version", "node --version", "git --version", "curl --version"):
        assert exit_code(sandbox, runtime) == 0, runtime


@check
def stdin(sandbox):
    cat = sandbox.commands.run("cat; echo over", background=True, stdin=True)
    sandbox.commands.send_stdin(cat.pid, "one ")
    cat.send_stdin("two\n")
    cat.close_stdin()
    assert cat.wait().stdout == "one two\nover\n"


@check
def pty(sandbox):
    terminal = sandbox.pty.create(PtySize(cols=80, rows=24), envs={"WORD": "hello"})
    sandbox.pty.resize(terminal.pid, PtySize(cols=101, rows=30))
    sandbox.pty.send_stdin(terminal.pid, b"echo $WORD-$(tput cols)\nexit 7\n")
    seen = []
    try:
        terminal.wait(on_pty=lambda data: seen.append(data.decode()))
        code = 0
    except CommandExitException as error:
        code = error.exit_code
    assert code == 7 and "hello-101" in "".join(seen), (code, seen)


@check
def files(sandbox):
    sandbox.files.write_files([{"path": f"many/{n}.txt", "data": f"content {n}"} for n in range(20)])
    assert len(sandbox.files.list("many")) == 20
    assert sandbox.files.read("many/7.txt") == "content 7"
    raw = bytes(range(256)) * 1024
    sandbox.files.write("raw", raw)
    assert bytes(sandbox.files.read("raw", format="bytes")) == raw
    assert b"".join(sandbox.files.read("raw", format="stream")) == raw
    assert not sandbox.files.make_dir("many") and sandbox.files.make_dir("a/b")
    moved = sandbox.files.rename("raw", "a/b/moved")
    assert moved.path == "/home/user/a/b/moved" and not sandbox.files.exists("raw")
    assert sandbox.files.get_info("a/b/moved").size == len(raw)
    sandbox.files.remove("a")
    try:
        sandbox.files.read("a/b/moved")
        raise AssertionError("it is still there")
    except NotFoundException:
        pass


@check
def root(sandbox):
    assert sandbox.commands.run("id -u", user="root").stdout == "0\n"
    # It runs what it is given, as whoever asks: there is nobody here to become.
    assert sandbox.commands.run("sudo -n id -u").stdout == "1000\n"
    sandbox.files.write("/root/secret", "of root", user="root")
    assert sandbox.files.read("/root/secret", user="root") == "of root"
    assert exit_code(sandbox, "cat /root/secret") == 1


@check
def watch(sandbox):
    sandbox.files.make_dir("watched/below")
    handle = sandbox.files.watch_dir("watched", recursive=True)
    sandbox.files.write("watched/below/new.txt", "x")
    sandbox.commands.run("mv watched/below/new.txt watched/old.txt; rm watched/old.txt")
    seen = []

    def removed():
        seen.extend((event.type, event.name) for event in handle.get_new_events())
        return (FilesystemEventType.REMOVE, "old.txt") in seen

    eventually("the removal is told", removed)
    for kind in (FilesystemEventType.CREATE, FilesystemEventType.WRITE, FilesystemEventType.RENAME):
        assert (kind, "below/new.txt") in seen, seen
    handle.stop()


@check
def pause_and_resume(sandbox):
    counter = sandbox.commands.run("while sleep 0.05; do echo $((n++)) > n; done", background=True, timeout=0)
    eventually("it counts", lambda: sandbox.files.exists("n"))
    counter.disconnect()
    assert sandbox.pause()
    assert not sandbox.pause(), "it is paused already"
    assert not sandbox.is_running()
    assert sandbox.get_info().state == SandboxState.PAUSED
    again = Sandbox.connect(sandbox.sandbox_id, timeout=60)
    assert again.is_running() and counter.pid in [process.pid for process in again.commands.list()]
    # A file that is just being written is empty for a moment.
    before = eventually("there is a number", lambda: again.files.read("n").strip())
    eventually("it counts on", lambda: again.files.read("n").strip() not in ("", before))


@check
def pause_and_reboot(sandbox):
    sandbox.files.write("/app/kept", "kept")
    sandbox.commands.run("sleep 1000", background=True, timeout=0).disconnect()
    assert sandbox.pause()
    again = Sandbox.connect(sandbox.sandbox_id, timeout=60, on_resume="reboot")
    assert again.commands.list() == [], "its programs are gone"
    assert again.commands.run("cat /app/kept").stdout == "kept"


@check
def pause_by_itself_and_wake_on_traffic(_):
    sandbox = Sandbox.create(timeout=2, lifecycle={"on_timeout": "pause", "auto_resume": True})
    try:
        serve(sandbox).disconnect()
        eventually("it sleeps", lambda: Sandbox.get_info(sandbox.sandbox_id).state == SandboxState.PAUSED)
        assert visit(sandbox, 8000) == (200, "served")
        assert Sandbox.get_info(sandbox.sandbox_id).state == SandboxState.RUNNING
    finally:
        sandbox.kill()


@check
def snapshot(sandbox):
    sandbox.files.write("state", "before")
    made = sandbox.create_snapshot()
    sandbox.files.write("state", "after")
    copies = [Sandbox.create(made.snapshot_id, timeout=60) for _ in range(2)]
    try:
        copies[0].files.write("state", "changed")
        assert [copy.files.read("state") for copy in copies] == ["changed", "before"]
        assert sandbox.files.read("state") == "after"
        assert made.snapshot_id in [found.snapshot_id for found in sandbox.list_snapshots().next_items()]
    finally:
        for copy in copies:
            copy.kill()
    assert Sandbox.delete_snapshot(made.snapshot_id)
    assert not Sandbox.delete_snapshot(made.snapshot_id)


@check
def fork(sandbox):
    sandbox.files.write("state", "before")
    forks = sandbox.fork(count=2, timeout=60)
    assert all(isinstance(one, Sandbox) for one in forks), forks
    try:
        assert len({sandbox.sandbox_id, *(one.sandbox_id for one in forks)}) == 3
        forks[0].files.write("state", "changed")
        assert [one.files.read("state") for one in (sandbox, *forks)] == ["before", "changed", "before"]
    finally:
        for one in forks:
            one.kill()


@check
def signed_addresses(sandbox):
    sandbox.files.write("signed.txt", "by address")
    assert fetch(sandbox.download_url("signed.txt", use_signature_expiration=60)) == (200, "by address")
    status, said = fetch(sandbox.download_url("signed.txt", use_signature_expiration=-60))
    assert status == 401 and "expired" in said, (status, said)
    other = sandbox.download_url("signed.txt").replace("signed.txt", "other.txt")
    assert fetch(other)[0] == 401
    octets = {"Content-Type": "application/octet-stream"}
    assert fetch(sandbox.upload_url("up.txt", use_signature_expiration=60), octets, b"uploaded")[0] == 200
    assert sandbox.files.read("up.txt") == "uploaded"


@check
def ports(sandbox):
    status, said = visit(sandbox, 8000)
    assert status == 502 and "port is not open" in said, (status, said)
    server = serve(sandbox)
    assert visit(sandbox, 8000) == (200, "served")
    server.kill()


@check
def private_ports(_):
    sandbox = Sandbox.create(timeout=60, network={"allow_public_traffic": False})
    try:
        server = serve(sandbox)
        assert visit(sandbox, 8000)[0] == 403
        token = {"E2b-Traffic-Access-Token": sandbox.traffic_access_token}
        assert visit(sandbox, 8000, token) == (200, "served")
        server.kill()
    finally:
        sandbox.kill()


@check
def network(_):
    rules = {"allow_out": ["allowed.example"], "deny_out": ["0.0.0.0/0"]}
    sandbox = Sandbox.create(timeout=60, network=rules)
    try:
        reach = "curl --silent --fail --max-time 5 http://192.0.2.1/"
        assert exit_code(sandbox, reach) not in (0, 127), "an address that is denied"
        shown = sandbox.get_info().network
        assert shown and shown.get("allow_out") == ["allowed.example"], shown
        sandbox.update_network({"deny_out": ["192.0.2.0/24"]})
        assert sandbox.get_info().network.get("deny_out") == ["192.0.2.0/24"], sandbox.get_info().network
        assert exit_code(sandbox, reach) not in (0, 127), "an address that is denied"
    finally:
        sandbox.kill()


@check
def lists_and_metrics(sandbox):
    marked = Sandbox.create(timeout=60, metadata={"mark": sandbox.sandbox_id})
    try:
        query = SandboxQuery(metadata={"mark": sandbox.sandbox_id}, state=[SandboxState.RUNNING])
        assert [found.sandbox_id for found in Sandbox.list(query=query).next_items()] == [marked.sandbox_id]
        metrics = marked.get_metrics()
        assert metrics and metrics[0].mem_total > 0 and metrics[0].disk_total > 0, metrics
        until = marked.get_info().end_at
        marked.set_timeout(600)
        assert marked.get_info().end_at > until
    finally:
        marked.kill()


@check
def kill(_):
    sandbox = Sandbox.create(timeout=60)
    sleeper = sandbox.commands.run("sleep 1000", background=True, timeout=0)
    assert sandbox.kill() and not sandbox.kill()
    assert not sandbox.is_running()
    assert breaks_off(sleeper)
    assert fetch_health(sandbox) == 502


def fetch_health(sandbox):
    plain = os.environ.get("E2B_SANDBOX_URL")
    if plain is None:
        return fetch(f"https://{sandbox.get_host(49983)}/health")[0]
    return fetch(f"{plain}/health", {"E2b-Sandbox-Id": sandbox.sandbox_id})[0]


def main(way, names):
    failed = False
    for name in names or CHECKS:
        sandbox = None
        try:
            sandbox = Sandbox.create(timeout=120)
            CHECKS[name](sandbox)
            print(f"ok      python {way} {name}", flush=True)
        except Exception as error:
            failed = True
            last = traceback.extract_tb(error.__traceback__)[-1]
            print(f"FAILED  python {way} {name}: {type(error).__name__}: {error} ({last.filename}:{last.lineno})", flush=True)
        finally:
            if sandbox is not None:
                sandbox.kill()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

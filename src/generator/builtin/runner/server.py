"""{{title}}: runs script.py and shows what it prints while it prints it.

GET    /                    the page
GET    /api/status          the run as it is now; ?wait=SECONDS waits for its end, at most 20
POST   /api/run             {"args": "text", "stdin": "text"}, both optional -> 202, or 409 while one runs
POST   /api/stop            ends the run
GET    /api/events          the run as it goes, as server-sent events
GET    /api/output.txt, /api/script.py, /api/files, /api/files/{name}

One run at a time. The first begins with the app itself.
"""

import json
import os
import re
import signal
import sys
import threading
import time

from httpkit import Refusal, Reply, reply, serve

TITLE = "{{title}}"
HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT, FILES = os.path.join(HERE, "script.py"), os.path.join(HERE, "files")
OUTPUT_BYTES_MAX = 256 * 1024
RUN_SECONDS_MAX = 600
KILL_AFTER_SECONDS = 2
ARGS_MAX, ARG_CHARS_MAX, STDIN_CHARS_MAX = 16, 200, 50_000
LISTENERS_MAX = 24
WAIT_SECONDS_MAX = 20
PING_SECONDS = 15
DOWNLOAD_BYTES_MAX = 8 * 1024 * 1024
FILES_MAX = 100


class Run:
    """One run of the script and what it printed. All fields are guarded by CHANGED."""

    def __init__(self, number, args):
        self.number, self.args = number, args
        self.process = None
        self.state, self.exit_code, self.message = "running", None, None
        self.output, self.truncated = bytearray(), False
        self.started, self.ended = time.time(), None

    def status(self):
        return {
            "run": self.number, "state": self.state, "exitCode": self.exit_code, "message": self.message,
            "args": self.args, "startedAt": round(self.started * 1000),
            "durationMs": round(((self.ended or time.time()) - self.started) * 1000),
            "outputBytes": len(self.output), "truncated": self.truncated,
        }


CHANGED = threading.Condition()
CURRENT = None
LISTENERS = threading.BoundedSemaphore(LISTENERS_MAX)


# --- Running -------------------------------------------------------------------------------------------------------

def start(args, stdin):
    """Begins a run. Refuses while another is on."""
    global CURRENT
    with CHANGED:
        if CURRENT and CURRENT.state == "running":
            raise Refusal(409, "The script is running. Stop it first, or wait for its end.")
        run = CURRENT = Run(CURRENT.number + 1 if CURRENT else 1, args)
        CHANGED.notify_all()
    threading.Thread(target=carry_out, args=(run, stdin), daemon=True).start()
    return run


def carry_out(run, stdin):
    import subprocess
    feed = subprocess.PIPE if stdin else subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-s", "-B", "-u", "-X", "utf8", SCRIPT, *run.args], cwd=FILES, stdin=feed,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    except (OSError, ValueError) as error:
        finish(run, "failed", None, f"The script could not be started: {error}")
        return
    with CHANGED:
        run.process = process
        stopped = run.message is not None
    if stopped:
        end_group(process, signal.SIGKILL)
    limit = threading.Timer(RUN_SECONDS_MAX, stop, args=(run, f"It was ended after {RUN_SECONDS_MAX} seconds."))
    limit.daemon = True
    limit.start()
    if stdin:
        threading.Thread(target=feed_text, args=(process, stdin), daemon=True).start()
    collect(run, process.stdout.fileno())
    code = process.wait()
    # What the script left running in the background ends with it.
    end_group(process, signal.SIGKILL)
    limit.cancel()
    finish(run, "finished" if code == 0 else "failed", code, None if code >= 0 else f"It was ended by signal {-code}.")


def feed_text(process, text):
    try:
        process.stdin.write(text.encode("utf-8", "replace"))
        process.stdin.close()
    except OSError:
        pass  # The script does not read its input.


def collect(run, pipe):
    while True:
        piece = os.read(pipe, 16 * 1024)
        if not piece:
            return
        with CHANGED:
            room = OUTPUT_BYTES_MAX - len(run.output)
            run.output += piece[:room]
            run.truncated = run.truncated or len(piece) > room
            CHANGED.notify_all()


def finish(run, state, code, message):
    with CHANGED:
        # A message is there already when somebody stopped it.
        run.state, run.message = ("stopped", run.message) if run.message else (state, message)
        run.exit_code, run.ended, run.process = code, time.time(), None
        CHANGED.notify_all()


def stop(run, why="It was stopped."):
    """Asks the run to end, and ends it when it does not."""
    with CHANGED:
        process = run.process
        if run.state != "running" or run.message:
            return
        run.message = why
        if process is None:
            return
        end_group(process, signal.SIGTERM)
    late = threading.Timer(KILL_AFTER_SECONDS, kill_late, args=(run, process))
    late.daemon = True
    late.start()


def kill_late(run, process):
    with CHANGED:
        if run.process is process:
            end_group(process, signal.SIGKILL)


def end_group(process, how):
    try:
        os.killpg(process.pid, how)
    except (ProcessLookupError, PermissionError):
        pass


def on_stop():
    process = CURRENT.process if CURRENT else None
    if process:
        end_group(process, signal.SIGKILL)


# --- Requests ------------------------------------------------------------------------------------------------------

def read_args(value):
    if value is None:
        return []
    if isinstance(value, str):
        import shlex
        try:
            value = shlex.split(value)
        except ValueError:
            raise Refusal(422, "The arguments have a quotation mark that is not closed.") from None
    if not isinstance(value, list) or not all(isinstance(arg, str) for arg in value):
        raise Refusal(422, "“args” must be text, or a list of texts.")
    if len(value) > ARGS_MAX or any(len(arg) > ARG_CHARS_MAX or "\0" in arg for arg in value):
        raise Refusal(422, f"At most {ARGS_MAX} arguments of {ARG_CHARS_MAX} characters each.")
    try:
        return [arg.encode("utf-8").decode("utf-8") for arg in value]
    except UnicodeError:
        raise Refusal(422, "The arguments are not valid Unicode.") from None


def read_stdin(value):
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > STDIN_CHARS_MAX:
        raise Refusal(422, f"“stdin” must be text of at most {STDIN_CHARS_MAX} characters.")
    return value


def status(query):
    text = query.get("wait", "0")
    if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > WAIT_SECONDS_MAX:
        raise Refusal(400, f"wait must be a whole number of seconds from 0 to {WAIT_SECONDS_MAX}.")
    with CHANGED:
        CHANGED.wait_for(lambda: CURRENT.ended is not None, timeout=int(text))
        output = CURRENT.output.decode("utf-8", "replace")
        return reply({**CURRENT.status(), "output": output})


def events():
    """Every change of the run: `status` with all of it, `output` with what is new."""
    import codecs
    if not LISTENERS.acquire(blocking=False):
        raise Refusal(503, "Too many pages follow this script. Close some.")

    def stream():
        try:
            run, sent, last, decoder = None, 0, None, None
            while True:
                with CHANGED:
                    CHANGED.wait_for(lambda: CURRENT is not run or len(CURRENT.output) > sent
                                     or (CURRENT.state, CURRENT.ended) != last, timeout=PING_SECONDS)
                    if CURRENT is not run:
                        run, sent, last, decoder = CURRENT, 0, None, codecs.getincrementaldecoder("utf-8")("replace")
                    piece, now = bytes(run.output[sent:]), (run.state, run.ended)
                    told = run.status()
                message = b"" if piece or now != last else b": still here\n\n"
                if last is None:
                    message += event("status", told)
                if piece:
                    sent += len(piece)
                    message += event("output", {"run": run.number, "text": decoder.decode(piece)})
                if now != last and last is not None or (last is None and run.ended):
                    message += event("status", told)
                last = now
                yield message
        finally:
            LISTENERS.release()

    return Reply(200, stream(), "text/event-stream", (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no")))


def event(name, value):
    return f"event: {name}\ndata: {json.dumps(value)}\n\n".encode()


def downloads():
    names = sorted(name for name in os.listdir(FILES) if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name))
    found = [(name, os.lstat(os.path.join(FILES, name))) for name in names[:FILES_MAX]]
    import stat
    return {"files": [{"name": name, "bytes": info.st_size} for name, info in found if stat.S_ISREG(info.st_mode)]}


def download(path, name):
    """A file of the app. Never follows a link: the script may have made one."""
    import stat
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise Refusal(404, "This file does not exist.") from None
    with os.fdopen(handle, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode) or info.st_size > DOWNLOAD_BYTES_MAX:
            raise Refusal(413, f"Only files of at most {DOWNLOAD_BYTES_MAX // 1024 // 1024} MiB can be downloaded.")
        return attachment(file.read(DOWNLOAD_BYTES_MAX), name)


def attachment(body, name):
    head = (("Content-Disposition", f'attachment; filename="{name}"'), ("Cache-Control", "no-store"))
    return Reply(200, body, "text/plain; charset=utf-8" if name.endswith((".txt", ".py", ".csv"))
                 else "application/octet-stream", head)


def route(request):
    parts, where = request.parts, "/".join(request.parts)
    if where in ("api/run", "api/stop"):
        request.only("POST")
        request.same_site()
        if where == "api/stop":
            stop(CURRENT)
            return reply(CURRENT.status(), 202)
        body = request.json() if request.headers.get("Content-Length", "0") != "0" else {}
        return reply(start(read_args(body.get("args")), read_stdin(body.get("stdin"))).status(), 202)
    request.only("GET")
    if where == "":
        with open(os.path.join(HERE, "page", "index.html"), "rb") as file:
            return Reply(200, file.read(), "text/html; charset=utf-8", (("Cache-Control", "no-cache"),))
    if where == "api/status":
        return status(request.query)
    if where == "api/events":
        return events() if request.method == "GET" else Reply(200, b"", "text/event-stream")
    if where == "api/output.txt":
        with CHANGED:
            return attachment(bytes(CURRENT.output), "output.txt")
    if where == "api/script.py":
        return download(SCRIPT, "script.py")
    if where == "api/files":
        return reply(downloads())
    if len(parts) == 3 and parts[:2] == ["api", "files"] and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", parts[2]):
        return download(os.path.join(FILES, parts[2]), parts[2])
    raise Refusal(404, "There is nothing at this address.")


if __name__ == "__main__":
    serve(route, on_start=lambda: start([], ""), on_stop=on_stop)

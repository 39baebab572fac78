//! What a sandbox may take, and what happens to whoever takes more: with control groups (as root) and without.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    machine::{Machine, Mode, Sandbox, modes},
    snapshots::until,
};

fn detail(machine: &Machine, sandbox: &Sandbox<'_>) -> Value {
    machine.control("GET", &format!("/sandboxes/{}", sandbox.id), &json!({})).json()
}

/// As `doctor` has it, and so as every sandbox's detail must.
fn is_advisory(detail: &Value, limit: &str) -> bool {
    detail["advisoryLimits"].as_array().unwrap().contains(&json!(limit))
}

#[test]
fn a_fork_bomb_meets_its_bound_and_the_sandbox_lives_on() {
    const BOMB: &str = "import os, signal\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: signal.pause()\n    n += 1\nexcept OSError as err: print(n, type(err).__name__, flush=True)\nos.killpg(0, 9)";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("/tmp/bomb.py", BOMB);
        for person in ["user", "root"] {
            let authorization = format!("Basic {}", STANDARD.encode(format!("{person}:")));
            let outcome = sandbox.start("python3 /tmp/bomb.py", &[("Authorization", &authorization)]).outcome();
            let forks: u32 = outcome.stdout.split(' ').next().unwrap().parse().unwrap();
            assert!(outcome.stdout.contains("BlockingIOError") && forks < 64, "{mode:?} {person} {outcome:?}");
            assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?} {person}");
        }
        assert_eq!(is_advisory(&detail(&machine, &sandbox), "pids"), mode == Mode::Rootless, "{mode:?}");
    }
}

#[test]
fn a_memory_bomb_is_killed_and_the_sandbox_lives_on() {
    // 600 MiB where 256 are allowed, held until somebody ends it.
    const BOMBS: [&str; 3] = [
        "b = bytearray(600 << 20)",
        "import mmap; b = mmap.mmap(-1, 600 << 20)\nfor at in range(0, len(b), 4096): b[at] = 1",
        "import os\nb = [bytearray(10 << 20) for n in range(60)]",
    ];
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let before = detail(&machine, &sandbox);
        assert_eq!(is_advisory(&before, "memory"), mode == Mode::Rootless, "{mode:?} {before}");
        assert_eq!(before["memoryKills"], 0, "{mode:?} {before}");
        for (bomb, kills) in BOMBS.into_iter().zip(1..) {
            sandbox.write("bomb.py", &format!("{bomb}\nimport time; time.sleep(1000)"));
            let outcome = sandbox.run("exec python3 bomb.py");
            assert_eq!(outcome.error, "signal: killed (out of memory)", "{mode:?} {bomb} {outcome:?}");
            let told = detail(&machine, &sandbox)["memoryKills"].as_u64();
            assert!(told >= Some(kills), "{mode:?} {bomb} {told:?}");
            assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
        }
        // Who stays below is left in peace, also by a look that finds another one too heavy.
        let mut modest = sandbox.start(
            "exec python3 -c 'b = bytearray(20 << 20); print(\"up\", flush=True); import time; time.sleep(1000)'",
            &[],
        );
        let pid = modest.pid();
        modest.until("up");
        sandbox.run("exec python3 bomb.py");
        assert_eq!(sandbox.run(&format!("kill -0 {pid} && echo alive")).stdout, "alive\n", "{mode:?}");
    }
}

#[test]
fn files_in_memory_are_bounded_too() {
    const MEMFDS: &str = "import os\nfds = [os.memfd_create(str(n)) for n in range(60)]\nfor fd in fds: os.write(fd, bytes(10 << 20))\nprint('all')";
    const SEGMENTS: &str = "import ctypes, time\nlibc = ctypes.CDLL(None)\nlibc.shmat.restype = ctypes.c_void_p\nlibc.shmdt.argtypes = [ctypes.c_void_p]\nfor n in range(60):\n  at = libc.shmat(libc.shmget(0, 10 << 20, 0o1600), None, 0)\n  ctypes.memset(at, 1, 10 << 20)\n  libc.shmdt(at)\ntime.sleep(1000)";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("memfds.py", MEMFDS);
        let outcome = sandbox.run("exec python3 memfds.py");
        match mode {
            Mode::Root => assert_eq!(outcome.error, "signal: killed (out of memory)", "{outcome:?}"),
            // What nobody could count is not to be had.
            Mode::Rootless => assert!(outcome.stderr.contains("Function not implemented"), "{outcome:?}"),
        }
        sandbox.write("segments.py", SEGMENTS);
        let outcome = sandbox.run("exec python3 segments.py");
        assert_eq!(outcome.error, "signal: killed (out of memory)", "{mode:?} {outcome:?}");
        // The segments outlive their maker, and until they are gone whoever weighs most may be killed in its place.
        until("the segments are removed", || sandbox.run("ipcrm -a; echo alive").stdout == "alive\n");
    }
}

#[test]
fn a_full_disk_is_told_as_one_and_can_be_emptied() {
    for mode in modes() {
        // More disk than memory is asked for.
        let machine = Machine::start_with(mode, &[("HOST_TEST_DISK", "512")]);
        let sandbox = machine.create();
        let outcome = sandbox.run("cat /dev/zero > ~/full");
        assert!(outcome.stderr.contains("No space left on device"), "{mode:?} {outcome:?}");
        assert_eq!(sandbox.run("rm ~/full && echo emptied").stdout, "emptied\n", "{mode:?}");
    }
}

#[test]
fn what_waits_in_sockets_is_bounded() {
    // Each connection takes as much as the machine lets one; `b` never reads.
    const QUEUE: &str = "import socket\nl = socket.socket(); l.bind(('127.0.0.1', 7777)); l.listen(500)\nkept, queued = [], 0\nfor _ in range(120):\n  a = socket.create_connection(('127.0.0.1', 7777)); b, _ = l.accept()\n  a.setblocking(False); kept += [a, b]\n  try:\n    while True: queued += a.send(b'x' * 65536)\n  except BlockingIOError: pass\nprint(queued >> 20, flush=True)";
    let machine = Machine::start(Mode::Root);
    let sandbox = machine.create();
    sandbox.write("queue.py", QUEUE);
    let queued = sandbox.run("timeout 60 python3 queue.py");
    // A quarter of 256 MiB, and some that the kernel lets through where it is short.
    let queued = queued.stdout.trim().parse::<u64>().unwrap_or_default();
    assert!(queued < 160, "{queued} MiB wait");
    assert_eq!(sandbox.run("echo alive").stdout, "alive\n");
}

#[test]
fn one_sandbox_cannot_take_all_terminals() {
    const TERMINALS: &str = "import os\nn = 0\ntry:\n  while True: os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY); n += 1\nexcept OSError: print(n, flush=True)\nimport time; time.sleep(1000)";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("terminals.py", TERMINALS);
        let taken = sandbox.run("timeout 5 python3 terminals.py");
        assert!(taken.stdout.trim().parse::<u32>().is_ok_and(|taken| taken <= 64), "{mode:?} {taken:?}");
    }
}

#[test]
fn a_flood_of_output_is_read_no_faster_than_allowed() {
    const BURST: u64 = 64 << 20;
    const RATE: u64 = 32 << 20;
    /// Written, but not yet read by the host.
    const SLACK: u64 = 1 << 20;
    const FLOOD: &str = "import os, time\nbegun, count, chunk = time.monotonic(), 0, b'x' * 65536\nprint('up', flush=True)\nwhile time.monotonic() < begun + 4: count += os.write(1, chunk)\nopen('flood', 'w').write(f'{count} {time.monotonic() - begun}')";
    for mode in modes() {
        let machine = Machine::start(mode);
        let (sandbox, other) = (machine.create(), machine.create());
        sandbox.write("flood.py", FLOOD);
        let mut flood = sandbox.start("exec python3 flood.py", &[]);
        flood.until("up");
        // Nobody listens any more, so nothing but the allowance slows it.
        drop(flood);
        assert_eq!(other.run("echo alive").stdout, "alive\n", "{mode:?}: served meanwhile");
        let told = sandbox.run("until [ -s flood ]; do sleep 0.1; done; cat flood").stdout;
        let (count, seconds) = told.split_once(' ').unwrap();
        let (count, seconds): (u64, f64) = (count.parse().unwrap(), seconds.parse().unwrap());
        let allowed = BURST + (seconds * RATE as f64) as u64 + SLACK;
        assert!(count <= allowed, "{mode:?}: {count} of {allowed} in {seconds} s");
    }
}

#[test]
fn what_was_used_is_told() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let usage = || detail(&machine, &sandbox)["usage"].clone();
        let number = |usage: &Value, name: &str| usage[name].as_f64().unwrap_or_else(|| panic!("{name} in {usage}"));
        let mut server =
            sandbox.start("head -c 1000000 /dev/zero > zeros; echo up; exec python3 -m http.server 8000", &[]);
        server.until("up");
        sandbox.run("until (: < /dev/tcp/127.0.0.1/8000) 2>/dev/null; do read -t 0.05 <> <(:); done");
        let before = usage();
        assert!(number(&before, "storedBytes") >= 1e6, "{mode:?} {before}");
        assert_eq!(sandbox.to("8000", "GET", "/zeros", &[], b"").body.len(), 1_000_000);
        // Until it shows: where no control group counts, the sandbox is looked at now and then.
        sandbox.run("python3 -c 'import time\nwhile time.process_time() < 0.5: pass'");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        let after = loop {
            let after = usage();
            let grown = |name: &str, by: f64| number(&after, name) >= number(&before, name) + by;
            if grown("cpuSeconds", 0.2) && grown("memoryGiBSeconds", 1e-4) && grown("sentBytes", 1e6) {
                break after;
            }
            assert!(std::time::Instant::now() < deadline, "{mode:?} {before} {after}");
        };
        assert!(number(&after, "receivedBytes") > number(&before, "receivedBytes"), "{mode:?} {after}");
    }
}

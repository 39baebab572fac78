//! The sandbox host with real sandboxes, through its HTTP port: as root and, dropping to another user, rootless.

mod bad_input;
mod details;
mod envd;
mod input;
mod isolation;
mod lifecycle;
mod limits;
mod listing;
pub mod machine;
mod network;
mod probes;
mod registry;
mod sleep;
mod snapshots;
mod spares;
mod top;
mod transfer;
mod users;
mod watch;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
};

use machine::{Machine, Mode, call, modes};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use serde_json::json;
use spawnai::host::{Config, Host, HostError, State};

/// Processes whose command line holds `marker`.
fn marked(marker: &str) -> Vec<Pid> {
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let marked = processes.filter(|pid: &i32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(marker))
    });
    marked.filter_map(Pid::from_raw).collect()
}

/// Control groups of the host with this pid.
fn groups_of(pid: u32) -> Vec<PathBuf> {
    fn walk(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if entry.file_name().to_string_lossy().starts_with(name) {
                    found.push(entry.path());
                }
                walk(&entry.path(), name, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new("/sys/fs/cgroup"), &format!("spawnai-{pid}-"), &mut found);
    found
}

#[test]
fn a_sandbox_runs_code_and_leaves_nothing() {
    for mode in modes() {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let outcome = sandbox.run("echo $GREETING; id -un; pwd; echo oops >&2; exit 3");
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("hello\nuser\n/home/user\n", "oops\n"),
            "{mode:?}"
        );
        assert_eq!((outcome.exit, outcome.error.as_str()), (Some(3), "exit status 3"));
        for (command, expected) in [("node -e 'console.log(6*7)'", "42\n"), ("python3 -c 'print(6*7)'", "42\n")] {
            assert_eq!(sandbox.run(command).stdout, expected, "{mode:?} {command}");
        }
        let marker = format!("marker-{}-{mode:?}", machine.pid());
        let mut left = sandbox.start(
            &format!(
                "setsid sleep 1000.1 {marker} 2>/dev/null & bash -c 'exec -a {marker} sleep 1000' & echo up; wait"
            ),
            &[],
        );
        left.until("up");
        let pid = machine.pid();
        if mode == Mode::Root {
            assert!(
                !groups_of(pid).is_empty(),
                "root has control groups on this machine, or the check below proves nothing"
            );
        }
        sandbox.kill();
        assert_eq!(marked(&marker), [], "{mode:?}: reaped before the answer");
        assert_eq!(left.outcome().exit, None, "{mode:?}: the stream broke off");
        let dead = sandbox.envd("GET", "/health", "", b"");
        assert_eq!((dead.status, dead.json()["message"].as_str()), (502, Some("The sandbox was not found")));
        assert!(dead.headers.contains("x-spawnai-host: sandbox-not-found"), "{}", dead.headers);
        let other = machine.create();
        other.start("exec -a other sleep 1000 & echo up; wait", &[]).until("up");
        let folder = machine.folder.path().to_owned();
        let files = fs::read_dir(&folder).unwrap().count();
        assert_eq!(files, 1, "the key, and nothing else");
        assert!(machine.stop(), "{mode:?}");
        assert_eq!(groups_of(pid), [] as [PathBuf; 0], "{mode:?}");
        assert_eq!(fs::read_to_string("/proc/self/mountinfo").unwrap(), mounts, "{mode:?}");
    }
}

#[test]
fn files_go_in_and_come_back() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let mut body = String::new();
        for number in 0..50 {
            body += &format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/home/user/many/{number}/f.txt\"\r\n\r\ncontent {number}\r\n"
            );
        }
        body += "--b--\r\n";
        let answer = sandbox.envd("POST", "/files", "multipart/form-data; boundary=b", body.as_bytes());
        assert_eq!(answer.status, 200, "{mode:?} {}", answer.text());
        assert_eq!(answer.json()[49], json!({"name": "f.txt", "type": "file", "path": "/home/user/many/49/f.txt"}));
        assert_eq!(
            sandbox.run("cat many/{0,49}/f.txt; stat -c %U many many/7/f.txt").stdout,
            "content 0content 49user\nuser\n"
        );
        let large = "0123456789abcdef".repeat(64 * 1024);
        sandbox.write("~/large", &large);
        assert_eq!(sandbox.envd("GET", "/files?path=/home/user/large", "", b"").body, large.as_bytes(), "{mode:?}");
        let rpc = |call: &str, body| sandbox.rpc(&format!("/filesystem.Filesystem/{call}"), &body);
        let entry = rpc("Stat", json!({"path": "large"})).json();
        assert_eq!(
            (entry["entry"]["size"].as_str(), entry["entry"]["owner"].as_str()),
            (Some("1048576"), Some("user"))
        );
        assert_eq!(rpc("MakeDir", json!({"path": "a/b"})).status, 200);
        assert_eq!(rpc("MakeDir", json!({"path": "a/b"})).json()["code"], "already_exists");
        assert_eq!(
            rpc("Move", json!({"source": "large", "destination": "a/b/c"})).json()["entry"]["path"],
            "/home/user/a/b/c"
        );
        let listed = rpc("ListDir", json!({"path": "/home/user/a", "depth": 2})).json();
        let paths: Vec<_> = listed["entries"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["/home/user/a/b", "/home/user/a/b/c"]);
        assert_eq!(rpc("Remove", json!({"path": "a"})).status, 200);
        assert_eq!(rpc("Stat", json!({"path": "a"})).json()["code"], "not_found", "{mode:?}");
    }
}

#[test]
fn an_app_is_reached_through_its_port() {
    const APP: &str = "require('http').createServer((q, r) => { let b = ''; q.on('data', d => b += d); q.on('end', () => \
        r.end(JSON.stringify({ url: q.url, method: q.method, headers: q.headers, body: b }))) })\
        .on('upgrade', (q, s) => { s.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n'); s.pipe(s) })\
        .listen(3000, '127.0.0.1', () => console.log('up'))";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let closed = sandbox.to("3000", "GET", "/", &[], b"");
        assert_eq!((closed.status, closed.json()["port"].as_u64()), (502, Some(3000)));
        assert_eq!(closed.json()["message"], "The sandbox is running but port is not open");
        assert!(closed.headers.contains("x-spawnai-host: port-closed"), "{}", closed.headers);
        sandbox.write("app.js", APP);
        let mut app = sandbox.start("node app.js", &[]);
        app.until("up");
        let answer =
            sandbox.to("3000", "POST", "/a?b=c", &[("X-API-Key", &machine.key), ("X-Mine", "1")], b"body").json();
        assert_eq!((answer["url"].as_str(), answer["body"].as_str()), (Some("/a?b=c"), Some("body")), "{mode:?}");
        let headers = answer["headers"].as_object().unwrap();
        assert_eq!(headers["x-mine"], "1");
        assert!(!headers.keys().any(|name| name.starts_with("e2b-") || name == "x-api-key"), "{headers:?}");
        let mut socket = TcpStream::connect(machine.address).unwrap();
        let handshake = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nE2b-Sandbox-Id: {}\r\nE2b-Sandbox-Port: 3000\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            machine.address, sandbox.id
        );
        socket.write_all(handshake.as_bytes()).unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
        assert!(seen.starts_with(b"HTTP/1.1 101"), "{mode:?} {}", String::from_utf8_lossy(&seen));
        socket.write_all(b"\x81\x02hi").unwrap();
        let mut echo = [0; 4];
        socket.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, b"\x81\x02hi", "{mode:?}");
    }
}

#[test]
fn processes_take_input_and_signals_and_end_in_time() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let rpc = |call: &str, body| sandbox.rpc(&format!("/process.Process/{call}"), &body);
    let outcome = sandbox.start("echo begin; sleep 1000", &[("Connect-Timeout-Ms", "300")]).outcome();
    assert_eq!((outcome.stdout.as_str(), outcome.error.as_str()), ("begin\n", "deadline_exceeded"));
    let mut sleeper = sandbox.start("echo up; sleep 1000 & wait", &[]);
    let pid = sleeper.pid();
    sleeper.until("up");
    assert_eq!(rpc("List", json!({})).json()["processes"][0]["pid"], pid);
    assert_eq!(rpc("SendSignal", json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"})).status, 200);
    assert_eq!(sleeper.outcome().error, "signal: killed");
    assert_eq!(
        rpc("SendSignal", json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"})).json()["code"],
        "not_found"
    );
    assert_eq!(rpc("List", json!({})).json()["processes"], json!([]));
    // Whoever goes away leaves the program running.
    let mut server = sandbox.start("echo up; cd /tmp && exec python3 -m http.server 8000 --bind 127.0.0.1", &[]);
    server.until("up");
    drop(server);
    let probe = "until (: < /dev/tcp/127.0.0.1/8000) 2>/dev/null; do read -t 0.05 <> <(:); done; echo listening";
    assert_eq!(sandbox.run(probe).stdout, "listening\n");
    assert_eq!(sandbox.to("8000", "GET", "/", &[], b"").status, 200);
    let long = sandbox.run("head -c 3000000 /dev/zero | tr '\\0' x");
    assert_eq!(long.stdout.len(), 3_000_000, "no output is lost");
}

#[test]
fn bad_requests_get_the_protocols_errors() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let code = |answer: machine::Answer| {
        assert_eq!(answer.json()["code"].as_u64(), Some(answer.status.into()), "{}", answer.text());
        assert!(answer.json()["message"].is_string());
        answer.status
    };
    assert_eq!(code(call(machine.address, "GET", "/sandboxes", &[], b"")), 401);
    assert_eq!(code(call(machine.address, "GET", "/sandboxes", &[("X-API-Key", "e2b_00")], b"")), 401);
    let raw = |method: &str, path: &str, body: &[u8]| {
        call(machine.address, method, path, &[("X-API-Key", &machine.key)], body)
    };
    assert_eq!(code(raw("POST", "/sandboxes", b"{")), 400);
    assert_eq!(code(raw("POST", "/sandboxes", b"[]")), 400);
    assert_eq!(code(raw("POST", "/sandboxes", &vec![b' '; 2 << 20])), 413);
    assert_eq!(code(raw("POST", "/v2/sandboxes", br#"{"templateID":"other"}"#)), 404);
    assert_eq!(code(raw("GET", "/sandboxes/nope", b"")), 404);
    assert_eq!(code(raw("DELETE", "/sandboxes/%2e%2e", b"")), 404);
    assert_eq!(code(raw("POST", &format!("/sandboxes/{}/pause", sandbox.id), br#"{"memory":"no"}"#)), 400);
    assert_eq!(code(raw("POST", &format!("/sandboxes/{}/resume", sandbox.id), b"{}")), 409);
    assert_eq!(code(raw("POST", "/sandboxes/nope/pause", b"")), 404);
    assert_eq!(code(raw("POST", &format!("/sandboxes/{}/timeout", sandbox.id), br#"{"timeout":999999999}"#)), 400);
    assert_eq!(code(sandbox.to("0", "GET", "/", &[], b"")), 400);
    assert_eq!(code(sandbox.to("49983", "GET", "/files?path=x", &[("X-Access-Token", "wrong")], b"")), 401);
    assert_eq!(sandbox.to("49983", "GET", "/health", &[], b"").status, 204, "health needs no token");
    let confused = [("Host", "evil.example"), ("E2b-Sandbox-Id", sandbox.id.as_str()), ("E2b-Sandbox-Port", "49983")];
    assert!(
        matches!(call(machine.address, "GET", "/health", &confused, b"").status, 200 | 400),
        "not the sandbox's health"
    );
    let frame = sandbox.envd("POST", "/process.Process/Start", "application/connect+json", b"\0\xff\xff\xff\xff");
    assert!(frame.text().contains("invalid_argument"), "{}", frame.text());
    let large = "x".repeat(200_000);
    assert!(sandbox.run(&format!("echo {large}")).error.contains("resource_exhausted"));
    assert_eq!(sandbox.run("echo alive").stdout, "alive\n");
}

#[test]
fn clients_that_hang_hold_nothing_up() {
    let machine = Machine::start(modes()[0]);
    let (one, two) = (machine.create(), machine.create());
    // Nobody reads this; the pump waits for room.
    let mut flood = one.start("yes", &[]);
    flood.pid();
    let mut upload = TcpStream::connect(machine.address).unwrap();
    let head = format!(
        "POST /files?path=x HTTP/1.1\r\nHost: {}\r\nE2b-Sandbox-Id: {}\r\nX-Access-Token: {}\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\nbegin",
        machine.address, two.id, two.token
    );
    upload.write_all(head.as_bytes()).unwrap();
    assert_eq!(two.run("until [ -s x ]; do read -t 0.01 <> <(:); done; cat x").stdout, "begin");
    one.kill();
    two.kill();
    let mut answer = [0; 12];
    upload.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 502");
    assert!(machine.stop(), "the flood's reader is still there, and still not reading");
    drop(flood);
}

#[test]
fn time_runs_out_and_can_be_given() {
    let machine = Machine::start(modes()[0]);
    let short = machine.create_with(&json!({"templateID": "base", "timeout": 1}));
    let kept = machine.create_with(&json!({"templateID": "base", "timeout": 1, "metadata": {"kept": "yes"}}));
    let longer = machine.control("POST", &format!("/sandboxes/{}/timeout", kept.id), &json!({"timeout": 600}));
    assert_eq!(longer.status, 204);
    let connected = machine.control("POST", &format!("/sandboxes/{}/connect", kept.id), &json!({"timeout": 5}));
    assert_eq!((connected.status, connected.json()["sandboxID"].as_str()), (200, Some(kept.id.as_str())));
    assert_eq!(short.run("sleep 1000").exit, None, "cut off when the time was up");
    let listed = machine.control("GET", "/v2/sandboxes?metadata=kept%3Dyes&limit=1", &json!({})).json();
    assert_eq!((listed[0]["sandboxID"].as_str(), listed.as_array().unwrap().len()), (Some(kept.id.as_str()), 1));
    let detail = machine.control("GET", &format!("/sandboxes/{}", kept.id), &json!({})).json();
    assert_eq!((detail["state"].as_str(), detail["allowInternetAccess"].as_bool()), (Some("running"), Some(false)));
    assert!(detail["endAt"].as_str() > detail["startedAt"].as_str());
    assert_eq!(machine.control("GET", &format!("/sandboxes/{}", short.id), &json!({})).status, 404);
}

#[test]
fn a_crash_of_the_host_takes_its_sandboxes_along_and_the_next_one_cleans_up() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let marker = format!("crash-{}-{mode:?}", machine.pid());
        let mut stream = sandbox.start(
            &format!("(setsid bash -c 'exec -a {marker} sleep 1000' &) ; echo up; exec -a {marker} sleep 1000"),
            &[],
        );
        stream.until("up");
        // Both have the marker once they are `sleep`: the shells that lead there have it too.
        let processes = marked(&marker);
        assert!(!processes.is_empty(), "{mode:?}");
        let handles: Vec<_> = processes.iter().filter_map(|pid| pidfd_open(*pid, PidfdFlags::empty()).ok()).collect();
        let crashed = machine.crash();
        for handle in &handles {
            poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&rustix::event::Timespec { tv_sec: 30, tv_nsec: 0 }))
                .unwrap();
        }
        assert_eq!(marked(&marker), [], "{mode:?}");
        let next = Machine::start(mode);
        assert_eq!(groups_of(crashed), [] as [PathBuf; 0], "{mode:?}");
        assert!(next.stop());
    }
}

#[test]
fn the_probe_tells_what_holds_and_a_host_without_isolation_refuses_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(([127, 0, 0, 1], 0).into(), folder.path().to_owned());
    config.init_executable = env!("CARGO_BIN_EXE_spawnai").into();
    let found = spawnai::host::probe(&config);
    let state = |name: &str| &found.iter().find(|one| one.name.starts_with(name)).unwrap().state;
    for name in ["user namespaces", "seccomp", "bash", "node", "python3"] {
        assert_eq!(state(name), &State::Enforced, "{name}");
    }
    assert!(!matches!(state("landlock"), State::Missing { .. }), "sandboxes hold without it");
    config.init_executable = "/bin/false".into();
    let Err(refused) = Host::start(config.clone()) else { panic!("it started") };
    assert!(matches!(refused, HostError::Isolation { .. }), "{refused}");
    let broken = spawnai::host::probe(&config);
    assert!(matches!(&broken[0].state, State::Missing { remedy, .. } if !remedy.is_empty()), "{broken:?}");
    assert_eq!(groups_of(std::process::id()), [] as [PathBuf; 0]);
}

#[test]
fn a_taken_port_and_an_unwritable_folder_are_named() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new(taken.local_addr().unwrap(), folder.path().to_owned());
    let refused = Host::start(config).unwrap_err().to_string();
    assert!(refused.contains("SPAWNAI_HOST_LISTEN"), "{refused}");
    let config = Config::new(([127, 0, 0, 1], 0).into(), folder.path().join("missing"));
    let refused = Host::start(config).unwrap_err().to_string();
    assert!(refused.contains("missing/host.key") && refused.contains("SPAWNAI_DATA_DIR"), "{refused}");
}

#[test]
fn twenty_at_once_all_come_up() {
    let machine = Machine::start(modes()[0]);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(|| machine.create().run("echo up").stdout)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), "up\n");
        }
    });
    assert_eq!(machine.control("GET", "/sandboxes", &json!({})).json().as_array().unwrap().len(), 20);
    assert!(machine.stop());
}

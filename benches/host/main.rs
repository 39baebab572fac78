//! The sandbox host against what it competes with, in one run: medians and ratios.
//!
//! ```text
//!   exec    spawn and wait for /bin/true           │ the same by the E2B protocol, in a sandbox that is there
//!   cold    bwrap with the same namespaces         │ a sandbox created, /bin/true run in it
//!   node    `node server.js`, asked until it is 200 │ the same in a sandbox that is there, through the host
//!   empty   —                                       │ memory of sandboxes in which nothing runs
//!   stream  bytes of an app, raw over loopback     │ the same through host and gateway, and through plainer proxies
//!   many    —                                       │ 1,000 sandboxes with a static server each, and their end
//! ```
//! Peers take turns, so that whatever else the machine does hits both alike.

mod client;
#[path = "../common/figures.rs"]
mod figures;
mod hops;
mod reader;
mod stream;

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use client::{Client, Sandbox};
use figures::{median, table, verdict};
use spawnai::host::{Config, Host};

const EXEC_TURNS: usize = 200;
const COLD_TURNS: usize = 60;
const NODE_TURNS: usize = 25;
const EMPTY: usize = 100;
const MANY: usize = 1000;
const EXEC_MAX: f64 = 2.0;
const COLD_MAX: f64 = 1.0;
const NODE_MAX: f64 = 1.3;
const EMPTY_MAX_MIB: f64 = 0.6;
const GONE_MAX: f64 = 5.0;
const PATIENCE: Duration = Duration::from_secs(60);

/// What `ps` calls the process that sandboxes are forked from.
const NURSERY: &str = "spawnai-nursery";

const SERVER: &str = "require('http').createServer((_, answer) => answer.end('hello'))
.listen(process.argv[2] || 3000, '127.0.0.1');";

fn main() {
    let only = std::env::args().nth(1).filter(|name| !name.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config {
        init_executable: PathBuf::from(env!("CARGO_BIN_EXE_spawnai")),
        ..Config::new((Ipv4Addr::LOCALHOST, 0).into(), folder.path().to_owned())
    };
    let host = Host::start(config).expect("a host");
    let mut client = Client::of(host.address(), host.api_key().expose());
    let mut rows = vec![row!["", "peer", "ours", "ratio", "limit", ""]];
    if wanted("exec") {
        rows.push(exec(&mut client));
    }
    if wanted("cold") {
        rows.push(cold(&mut client));
    }
    if wanted("node") {
        rows.push(node(&mut client, folder.path()));
    }
    table(&rows);
    let mut rows = vec![row!["", "", "limit", ""]];
    if wanted("empty") {
        rows.extend(empty(&mut client));
    }
    if wanted("many") {
        rows.extend(many(&mut client, &host));
    }
    if wanted("stream") {
        rows.extend(stream::stream(&host, &mut client, folder.path()));
    }
    table(&rows);
}

fn ratio(name: &str, peer: &[f64], ours: &[f64], limit: f64) -> Vec<String> {
    let (peer, ours) = (median(peer), median(ours));
    let ratio = ours / peer;
    let ms = |value: f64| format!("{value:.2} ms");
    row![name, ms(peer), ms(ours), format!("{ratio:.2}"), format!("≤ {limit}"), verdict(ratio <= limit)]
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1e3
}

fn exec(client: &mut Client) -> Vec<String> {
    let sandbox = client.create();
    let bare = || assert!(Command::new("/bin/true").stdin(Stdio::null()).status().expect("/bin/true").success());
    let (mut peer, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..EXEC_TURNS {
        peer.push(timed(bare));
        ours.push(timed(|| client.run(&sandbox, "/bin/true", &[])));
    }
    client.kill(&sandbox);
    ratio("exec /bin/true in a sandbox, against a bare process", &peer, &ours, EXEC_MAX)
}

fn cold(client: &mut Client) -> Vec<String> {
    let bwrap = || {
        let mut command = Command::new("bwrap");
        command.args(["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
        command.args(["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"]);
        command.args(["--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]);
        command.args(["--tmpfs", "/home/user", "--", "/bin/true"]);
        assert!(command.status().expect("bwrap is installed").success());
    };
    let (mut peer, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..COLD_TURNS {
        peer.push(timed(bwrap));
        let mut made = None;
        ours.push(timed(|| {
            let sandbox = made.insert(client.create());
            client.run(sandbox, "/bin/true", &[]);
        }));
        client.kill(&made.expect("a sandbox"));
    }
    ratio("sandbox created and /bin/true run, against bwrap", &peer, &ours, COLD_MAX)
}

fn node(client: &mut Client, folder: &Path) -> Vec<String> {
    let script = folder.join("server.js");
    fs::write(&script, SERVER).expect("a file");
    let (mut peer, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..NODE_TURNS {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr()).expect("a port").port();
        let begun = Instant::now();
        let mut app = Command::new("node").arg(&script).arg(port.to_string()).spawn().expect("node");
        poll(|| bare_get(port));
        peer.push(begun.elapsed().as_secs_f64() * 1e3);
        app.kill().and_then(|()| app.wait()).expect("the app ends");

        let sandbox = client.create();
        client.write(&sandbox, "/home/user/server.js", SERVER.as_bytes());
        let begun = Instant::now();
        let running = client.start(&sandbox, "node", &["/home/user/server.js"]);
        poll(|| client.get(&sandbox, 3000).filter(|status| *status == 200));
        ours.push(begun.elapsed().as_secs_f64() * 1e3);
        client.kill(&sandbox);
        running.until_over();
    }
    ratio("node app to its first 200, against bare", &peer, &ours, NODE_MAX)
}

fn bare_get(port: u16) -> Option<u16> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

fn poll<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    const EVERY: Duration = Duration::from_millis(1);
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "no answer within {PATIENCE:?}");
        sleep(EVERY);
    }
}

/// Two readings: what the processes of a sandbox hold for themselves, and what the machine has less.
fn empty(client: &mut Client) -> Vec<Vec<String>> {
    let warm: Vec<_> = (0..2).map(|_| client.create()).collect();
    let before = available_kib();
    let sandboxes: Vec<_> = (0..EMPTY).map(|_| client.create()).collect();
    let taken = (before - available_kib()) / EMPTY as f64 / 1024.0;
    let own: f64 = children().iter().map(|pid| private_kib(*pid)).sum();
    let own = own / (EMPTY + warm.len()) as f64 / 1024.0;
    for sandbox in sandboxes.iter().chain(&warm) {
        client.kill(sandbox);
    }
    let mib = |value: f64| format!("{value:.2} MiB");
    vec![
        row!["an empty sandbox: private memory of its processes", mib(own), "", ""],
        row![
            "an empty sandbox: what the machine has less",
            mib(taken),
            format!("≤ {EMPTY_MAX_MIB} MiB"),
            verdict(taken <= EMPTY_MAX_MIB)
        ],
    ]
}

fn many(client: &mut Client, host: &Host) -> Vec<Vec<String>> {
    let before = available_kib();
    let begun = Instant::now();
    let (mut sandboxes, mut running): (Vec<Sandbox>, Vec<_>) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        let sandbox = client.create();
        running.push(client.start(
            &sandbox,
            "busybox",
            &["httpd", "-f", "-p", "3000", "-h", "/usr/share/common-licenses"],
        ));
        sandboxes.push(sandbox);
    }
    let started = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    for sandbox in &sandboxes {
        // 404: there is no index page, and it is the server that says so.
        poll(|| client.get(sandbox, 3000).filter(|status| *status == 404));
    }
    let answered = begun.elapsed().as_secs_f64();
    let held = (before - available_kib()) / MANY as f64 / 1024.0;
    assert_eq!(host.running(), MANY);
    let begun = Instant::now();
    let (address, key) = (host.address(), host.api_key());
    std::thread::scope(|scope| {
        for part in sandboxes.chunks(MANY.div_ceil(8)) {
            let key = key.expose();
            scope.spawn(move || {
                let mut client = Client::of(address, key);
                part.iter().for_each(|sandbox| client.kill(sandbox));
            });
        }
    });
    let gone = begun.elapsed().as_secs_f64();
    assert!(children().is_empty(), "processes are left");
    drop(running);
    vec![
        row![format!("{MANY} sandboxes with a static server: all started"), format!("{started:.1} s"), "", ""],
        row!["… each asked once and answering", format!("{answered:.1} s"), "", ""],
        row!["… memory for each", format!("{held:.2} MiB"), "", ""],
        row!["… all gone", format!("{gone:.2} s"), format!("≤ {GONE_MAX} s"), verdict(gone <= GONE_MAX)],
    ]
}

fn available_kib() -> f64 {
    field(&fs::read_to_string("/proc/meminfo").expect("/proc/meminfo"), "MemAvailable:")
}

/// The first processes of the sandboxes that this process started.
fn children() -> Vec<u32> {
    let threads = fs::read_dir("/proc/self/task").expect("the threads");
    let children = threads.flatten().map(|thread| fs::read_to_string(thread.path().join("children")));
    children
        .flat_map(|pids| pids.unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() != NURSERY))
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

fn private_kib(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    field(&rollup, "Private_Dirty:") + field(&rollup, "Private_Clean:")
}

fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|value| value.parse().ok()).unwrap_or(0.0)
}

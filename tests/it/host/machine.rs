//! A host in a process of its own, and a client that speaks its protocol.
//!
//! Each test runs a host in a process of its own: this very test binary, told to run [`host_process`]. So it can be
//! killed, and so what it leaves behind can be told from what others do.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read},
    net::{IpAddr, SocketAddr},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use spawnai::host::{Config, EgressConfig, Host, Limits, Resolver};

pub use crate::wire::{Answer, Body, call, read_head, send};

const ANYBODY: u32 = 12345;

/// Not a test: the process that the tests talk to. Serves until its stdin closes.
#[test]
#[ignore = "run by the other tests as a process of its own"]
fn host_process() {
    let Ok(folder) = std::env::var("HOST_TEST_FOLDER") else { return };
    let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)), folder.into());
    config.init_executable = std::env::var_os("HOST_TEST_INIT").unwrap().into();
    // Harder than one: a sandbox is watched by the thread that made it, and used by both.
    config.workers = 2;
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    config.sandboxes_max = number("HOST_TEST_SANDBOXES").unwrap_or(config.sandboxes_max);
    config.spares = number("HOST_TEST_SPARES").unwrap_or(config.spares);
    config.snapshots_max = 3;
    config.snapshot_bytes_max = 8 << 20;
    let disk_mib = number("HOST_TEST_DISK").map_or(64, |mib| u32::try_from(mib).unwrap());
    config.limits = Limits { memory_mib: 256, disk_mib, inodes: 2000, processes: 64, ..Limits::default() };
    if let Ok(millis) = std::env::var("HOST_TEST_SILENCE_MS") {
        config.silence_max = std::time::Duration::from_millis(millis.parse().unwrap());
    }
    config.egress = egress();
    actix_web::rt::System::new().block_on(async {
        let host = Host::start(config).unwrap();
        println!("\nUP {} {}", host.address(), host.api_key().expose());
        let gone = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        gone.await.unwrap().unwrap();
        host.shutdown().await;
    });
}

/// What [`Machine::start_with`] says: blocks that the operator lets through, and names (`name=address`).
fn egress() -> EgressConfig {
    let said = |name| std::env::var(name).unwrap_or_default();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut table = BTreeMap::<String, Vec<IpAddr>>::new();
    for pair in words(&said("HOST_TEST_NAMES")) {
        let (name, address) = pair.split_once('=').unwrap();
        table.entry(name.to_owned()).or_default().push(address.parse().unwrap());
    }
    EgressConfig {
        allow: words(&said("HOST_TEST_EGRESS")).iter().map(|block| block.parse().unwrap()).collect(),
        resolver: if table.is_empty() { Resolver::System } else { Resolver::Table(table) },
        ..EgressConfig::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Root,
    Rootless,
}

/// Both modes for root, one for anybody else.
pub fn modes() -> Vec<Mode> {
    if rustix::process::geteuid().is_root() { vec![Mode::Root, Mode::Rootless] } else { vec![Mode::Rootless] }
}

pub struct Machine {
    child: Child,
    output: BufReader<ChildStdout>,
    pub address: SocketAddr,
    pub key: String,
    pub folder: tempfile::TempDir,
}

impl Machine {
    pub fn start(mode: Mode) -> Self {
        Self::start_with(mode, &[])
    }

    /// With variables that [`host_process`] reads.
    pub fn start_with(mode: Mode, variables: &[(&str, &str)]) -> Self {
        Self::start_in(mode, tempfile::tempdir().unwrap(), variables)
    }

    /// With its data in `folder`, and more environment.
    pub fn start_in(mode: Mode, folder: tempfile::TempDir, environment: &[(&str, &str)]) -> Self {
        let (test, _) = executables();
        let mut command = Command::new(test);
        command.envs(environment.iter().copied());
        Self::start_by(mode, command, folder)
    }

    /// With at most so many sandboxes.
    pub fn start_small(mode: Mode, sandboxes: usize) -> Self {
        let (test, _) = executables();
        let mut command = Command::new(test);
        command.env("HOST_TEST_SANDBOXES", sandboxes.to_string());
        Self::start_by(mode, command, tempfile::tempdir().unwrap())
    }

    /// One that does not see what is mounted at `hidden`. For root.
    pub fn start_without(hidden: &str) -> Self {
        let (test, _) = executables();
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", r#"umount "$0" && exec "$@""#, hidden]).arg(test);
        Self::start_by(Mode::Root, command, tempfile::tempdir().unwrap())
    }

    fn start_by(mode: Mode, mut command: Command, folder: tempfile::TempDir) -> Self {
        let (_, init) = executables();
        command.args(["--exact", "host::machine::host_process", "--ignored", "--nocapture"]);
        command
            .env("HOST_TEST_FOLDER", folder.path())
            .env("HOST_TEST_INIT", init)
            .env("HOST_TEST_SECRET", "engine-secret");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if mode == Mode::Rootless && rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(ANYBODY), Some(ANYBODY)).unwrap();
            command.uid(ANYBODY).gid(ANYBODY);
        }
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let up = output
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find(|line| line.starts_with("UP "))
            .expect("the host starts");
        let mut words = up.split(' ').skip(1);
        let (address, key) = (words.next().unwrap().parse().unwrap(), words.next().unwrap().to_owned());
        Self { child, output, address, key, folder }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Descriptors that its process has open.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count()
    }

    /// Memory that its process has in use, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        call(self.address, method, path, &[("X-API-Key", &self.key)], body.to_string().as_bytes())
    }

    pub fn create(&self) -> Sandbox<'_> {
        self.create_with(&json!({"templateID": "base", "envVars": {"GREETING": "hello"}}))
    }

    pub fn create_with(&self, body: &Value) -> Sandbox<'_> {
        let answer = self.control("POST", "/v2/sandboxes", body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.known(&answer.json())
    }

    /// The sandbox that an answer tells of.
    pub fn known(&self, created: &Value) -> Sandbox<'_> {
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        Sandbox { machine: self, id: text("sandboxID"), token: text("envdAccessToken") }
    }

    /// One that was made before.
    pub fn sandbox(&self, id: &str, token: &str) -> Sandbox<'_> {
        Sandbox { machine: self, id: id.to_owned(), token: token.to_owned() }
    }

    /// Ends it in order, and says whether it could.
    pub fn stop(mut self) -> bool {
        drop(self.child.stdin.take());
        let _ = self.output.read_to_end(&mut Vec::new());
        self.child.wait().unwrap().success()
    }

    /// `kill -9`, as a crash would end it.
    pub fn crash(mut self) -> u32 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.pid()
    }
}

impl Machine {
    /// `kill -9`, and another one with the same data.
    pub fn crash_and_restart(mut self, mode: Mode) -> Self {
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        self.crash();
        Self::start_in(mode, folder, &[])
    }
}

impl Drop for Machine {
    /// In order where that is possible: what a killed host leaves is there until the next one starts.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.output.read_to_end(&mut Vec::new());
        let _ = self.child.wait();
    }
}

pub struct Sandbox<'a> {
    machine: &'a Machine,
    pub id: String,
    pub token: String,
}

/// How a command ended.
#[derive(Debug, Default)]
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    pub terminal: String,
    pub exit: Option<i64>,
    pub error: String,
}

impl Sandbox<'_> {
    pub fn to(&self, port: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut all = vec![("E2b-Sandbox-Id", self.id.as_str()), ("E2b-Sandbox-Port", port)];
        all.extend(headers);
        call(self.machine.address, method, path, &all, body)
    }

    pub fn envd(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        self.to("49983", method, path, &[("X-Access-Token", &self.token), ("Content-Type", kind)], body)
    }

    pub fn rpc(&self, call: &str, body: &Value) -> Answer {
        self.envd("POST", call, "application/json", body.to_string().as_bytes())
    }

    pub fn write(&self, path: &str, content: &str) {
        let answer = self.envd("POST", &format!("/files?path={path}"), "application/octet-stream", content.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &str) -> Outcome {
        self.start(command, &[]).outcome()
    }

    /// Starts a command; its events can be read one by one.
    pub fn start(&self, command: &str, headers: &[(&str, &str)]) -> EventStream {
        let body = json!({"process": {"cmd": "/bin/bash", "args": ["-l", "-c", command]}, "stdin": false});
        self.stream("/process.Process/Start", &body, headers)
    }

    /// Opens a stream of events.
    pub fn stream(&self, call: &str, body: &Value, headers: &[(&str, &str)]) -> EventStream {
        let frame = frame(body);
        let mut all = vec![
            ("E2b-Sandbox-Id", self.id.as_str()),
            ("X-Access-Token", &self.token),
            ("Content-Type", "application/connect+json"),
        ];
        all.extend(headers);
        let mut reader = send(self.machine.address, "POST", call, &all, &frame);
        let (status, headers) = read_head(&mut reader);
        assert_eq!(status, 200);
        assert!(headers.contains("chunked") || headers.contains("content-length"), "{headers}");
        EventStream { body: Body::of(reader, &headers), unread: String::new() }
    }

    pub fn kill(&self) {
        let answer = self.machine.control("DELETE", &format!("/sandboxes/{}", self.id), &json!({}));
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
}

/// One message of a Connect stream.
pub fn frame(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let mut frame = vec![0];
    frame.extend((body.len() as u32).to_be_bytes());
    frame.extend(body.as_bytes());
    frame
}

pub struct EventStream {
    body: Body,
    /// Printed, but not yet given to a caller of [`EventStream::until`].
    unread: String,
}

impl EventStream {
    pub fn next_event(&mut self) -> Option<Value> {
        let prefix = self.body.take(5)?;
        let length = u32::from_be_bytes(prefix[1..].try_into().unwrap());
        serde_json::from_slice(&self.body.take(length as usize)?).ok()
    }

    /// Reads to the end.
    pub fn outcome(mut self) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(event) = self.next_event() {
            let decode = |value: &Value| {
                String::from_utf8_lossy(&STANDARD.decode(value.as_str().unwrap_or_default()).unwrap()).into_owned()
            };
            outcome.stdout += &decode(&event["event"]["data"]["stdout"]);
            outcome.stderr += &decode(&event["event"]["data"]["stderr"]);
            outcome.terminal += &decode(&event["event"]["data"]["pty"]);
            if let Some(end) = event["event"].get("end") {
                outcome.exit = end["exitCode"].as_i64();
                outcome.error = end["error"].as_str().unwrap_or_default().to_owned();
            }
            if let Some(error) = event.get("error") {
                outcome.error = error["code"].as_str().unwrap_or_default().to_owned();
            }
        }
        outcome
    }

    /// The pid from the first event.
    pub fn pid(&mut self) -> i64 {
        self.next_event().unwrap()["event"]["start"]["pid"].as_i64().unwrap()
    }

    /// Reads until `text` was printed; all up to there that was not read before.
    pub fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.unread.find(text) {
                let rest = self.unread.split_off(at + text.len());
                return std::mem::replace(&mut self.unread, rest);
            }
            let event = self.next_event().unwrap_or_else(|| panic!("ended after {:?}", self.unread));
            for name in ["stdout", "stderr", "pty"] {
                let bytes = STANDARD.decode(event["event"]["data"][name].as_str().unwrap_or_default()).unwrap();
                self.unread += &String::from_utf8_lossy(&bytes);
            }
        }
    }
}

/// This binary and the engine's, where any user may run them.
pub fn executables() -> (&'static Path, &'static Path) {
    static COPIES: OnceLock<(tempfile::TempDir, std::path::PathBuf, std::path::PathBuf)> = OnceLock::new();
    let (_, test, init) = COPIES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let copy = |from: &Path, name: &str| {
            let to = folder.path().join(name);
            // A link is as good where one can be made.
            fs::hard_link(from, &to).or_else(|_| fs::copy(from, &to).map(drop)).unwrap();
            to
        };
        let test = copy(&std::env::current_exe().unwrap(), "test");
        let init = copy(Path::new(env!("CARGO_BIN_EXE_spawnai")), "spawnai");
        (folder, test, init)
    });
    (test, init)
}

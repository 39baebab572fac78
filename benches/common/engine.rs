//! The engine as its users have it: the release binary in a process of its own.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// For a start, a deployment, a release: far more than any of them takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at what can only be looked at.
const LOOK: Duration = Duration::from_millis(10);

/// A running engine. Dropping it stops it as Ctrl-C does.
pub struct Engine {
    process: Child,
    /// Where the API is.
    pub api: SocketAddr,
    /// What it leaves behind; `data` in it is its data folder.
    folder: tempfile::TempDir,
}

/// One app that was asked for.
pub struct Session {
    pub id: String,
    /// `https://{slug}.localhost:{port}`
    pub address: String,
}

impl Engine {
    /// Starts it with `settings` (variables) beside the defaults, and waits until it serves.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), settings)
    }

    /// Kills it without a word, and starts the next one in the same folder with `settings` beside the defaults.
    pub fn kill_and_start(mut self, settings: &[(&str, &str)]) -> Self {
        self.process.kill().expect("a process that runs");
        self.process.wait().expect("its end");
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a temporary folder"));
        Self::start_in(folder, settings)
    }

    fn start_in(folder: tempfile::TempDir, settings: &[(&str, &str)]) -> Self {
        let said = folder.path().join("said");
        let process = Command::new(env!("CARGO_BIN_EXE_spawnai"))
            .arg("serve")
            .env("SPAWNAI_LISTEN", "127.0.0.1:0")
            .env("SPAWNAI_GATEWAY_LISTEN", "127.0.0.1:0")
            .env("SPAWNAI_HOST_LISTEN", "127.0.0.1:0")
            .env("SPAWNAI_DATA_DIR", folder.path().join("data"))
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A file, so that nobody has to read along while time is taken.
            .stderr(fs::File::create(&said).expect("a file for what the engine says"))
            .spawn()
            .expect("the engine's binary");
        let api = wait_for("the engine's address", || {
            let text = fs::read_to_string(&said).unwrap_or_default();
            let serves = text.contains("Ctrl-C stops");
            let address = text.lines().find_map(|line| line.strip_prefix("dashboard")?.trim().strip_prefix("http://"));
            serves.then(|| address?.parse().ok()).flatten()
        });
        Self { process, api, folder }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A file of its own, such as `data/ca.pem`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `POST /api/spawn`.
    pub fn spawn(&self, app_type: &str, prompt: &str) -> Session {
        let wish = json!({ "prompt": prompt, "appType": app_type });
        let accepted = self.call("POST", "/api/spawn", Some(&wish));
        let text = |key: &str| accepted[key].as_str().unwrap_or_else(|| panic!("no {key} in {accepted}")).to_owned();
        Session { id: text("sessionId"), address: text("appUrl") }
    }

    /// Follows the session's events until it is ready; `heard` gets the body of each.
    pub fn until_ready(&self, session: &Session, mut heard: impl FnMut(&Value)) {
        let mut stream = self.send("GET", &format!("/api/spawn/{}/events", session.id), None);
        stream.get_mut().set_read_timeout(Some(PATIENCE)).expect("a bound on reading");
        for line in stream.lines() {
            let line = line.expect("an event");
            // Each event is a chunk of its own, so its line is whole.
            let Some(body) = line.strip_prefix("data: ") else { continue };
            let body: Value = serde_json::from_str(body).expect("an event's body");
            heard(&body);
            match body["status"].as_str() {
                Some("ready") => return,
                Some(_) => {}
                // A file that is being written, or what the guard thinks of it.
                None if matches!(body["type"].as_str(), Some("session_file" | "session_findings")) => {}
                None => panic!("{} went wrong: {body}", session.address),
            }
        }
        panic!("the events ended before {} was ready", session.address);
    }

    /// The ids of all sessions that are ready.
    pub fn ready(&self) -> BTreeSet<String> {
        let listed = self.call("GET", "/api/spawn?status=ready&limit=200", None);
        let sessions = listed["sessions"].as_array().expect("a list of sessions").iter();
        let ids = sessions.filter(|it| it["status"] == "ready").map(|it| it["sessionId"].as_str());
        ids.flatten().map(str::to_owned).collect()
    }

    /// Ends a session; returns when it is over.
    pub fn destroy(&self, session: &Session) {
        let ended = self.call("DELETE", &format!("/api/spawn/{}", session.id), None);
        assert_eq!(ended["status"], "expired", "{ended}");
    }

    /// Waits until there are `count` sandboxes and nothing else is being started or ended.
    pub fn until_sandboxes(&self, count: usize) {
        const STEADY: Duration = Duration::from_millis(200);
        let mut since = None;
        wait_for("the sandboxes", || {
            let steady = (self.children() == count).then(|| *since.get_or_insert_with(Instant::now));
            if steady.is_none() {
                since = None;
            }
            steady.filter(|since| since.elapsed() >= STEADY)
        });
    }

    /// The sandboxes that the engine started: its children, but for the one that they are forked from.
    pub fn children(&self) -> usize {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("the engine's threads");
        let children = threads.flatten().map(|thread| fs::read_to_string(thread.path().join("children")));
        let sandbox = |pid: &str| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() != "spawnai-nursery")
        };
        children.map(|pids| pids.unwrap_or_default().split_whitespace().filter(|pid| sandbox(pid)).count()).sum()
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut answer = String::new();
        self.send(method, path, body).read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {answer}"));
        if !head.starts_with("HTTP/1.1 2") {
            panic!("{method} {path}: {answer}\n{}", fs::read_to_string(self.file("said")).unwrap_or_default());
        }
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.api).expect("the engine's API");
        stream.set_nodelay(true).expect("a socket's option");
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("the engine's API");
        BufReader::new(stream)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        // Fails only for one that is gone already; then its number may be another's.
        if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.process.wait();
    }
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return found;
        }
        sleep(LOOK);
    }
    panic!("waited {} s for {what}", PATIENCE.as_secs());
}

//! An engine in a process of its own, and clients for its three doors: the API, the gateway, the WebSocket.

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::{self, WebSocket};

use crate::wire::{self, Answer, Body, Duplex};

pub const BINARY: &str = env!("CARGO_BIN_EXE_spawnai");

/// Long enough that only a test that would hang meets it, on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
pub fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, ask)
}

/// [`eventually`], for what takes its time by design.
pub fn within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `spawnai` with free ports, a data folder and a folder for temporary files in `folder`, and no settings of this
/// process's environment.
pub fn spawnai(folder: &Path) -> Command {
    let temporary = folder.join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    let mut command = Command::new(BINARY);
    command
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("TMPDIR", temporary)
        .env("SPAWNAI_LISTEN", "127.0.0.1:0")
        .env("SPAWNAI_GATEWAY_LISTEN", "127.0.0.1:0")
        .env("SPAWNAI_HOST_LISTEN", "127.0.0.1:0")
        .env("SPAWNAI_DATA_DIR", folder.join("data"))
        .env("SPAWNAI_WARM_SANDBOXES", "0")
        .env("SPAWNAI_WORKERS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub struct Engine {
    child: Child,
    said: Arc<Mutex<String>>,
    listening: Option<JoinHandle<()>>,
    pub api: SocketAddr,
    pub gateway: SocketAddr,
    folder: PathBuf,
    /// Goes with the engine.
    own: Option<TempDir>,
}

/// What is left of an engine that ended.
pub struct Stopped {
    pub status: ExitStatus,
    pub said: String,
}

impl Engine {
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let own = tempfile::tempdir().unwrap();
        let mut engine = Self::start_in(own.path(), settings);
        engine.own = Some(own);
        engine
    }

    pub fn start_in(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = spawnai(folder);
        command.arg("serve").envs(settings.iter().copied());
        Self::of(command, folder)
    }

    /// The engine that `command` becomes.
    pub fn of(mut command: Command, folder: &Path) -> Self {
        let mut child = command.spawn().unwrap();
        let (said, listening) = listen(child.stderr.take().unwrap());
        let up = eventually("the engine is up", || {
            let text = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the engine ended with {ended:?}:\n{text}");
            text.contains("\nCtrl-C stops").then_some(text)
        });
        let word = |label: &str| {
            let line = up.lines().find_map(|line| line.strip_prefix(label));
            line.unwrap_or_else(|| panic!("no {label} in\n{up}")).trim().to_owned()
        };
        let api = word("dashboard").strip_prefix("http://").unwrap().parse().unwrap();
        let port = word("apps").rsplit_once(':').unwrap().1.parse().unwrap();
        Self {
            child,
            said,
            listening: Some(listening),
            api,
            gateway: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            folder: folder.to_owned(),
            own: None,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings that bring the next engine to the same addresses.
    pub fn listens(&self) -> Vec<(&'static str, String)> {
        vec![("SPAWNAI_LISTEN", self.api.to_string()), ("SPAWNAI_GATEWAY_LISTEN", self.gateway.to_string())]
    }

    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a signal, and waits for the end.
    pub fn stop(mut self, signal: Signal) -> Stopped {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        self.listening.take().unwrap().join().unwrap();
        Stopped { status, said: self.said() }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        wire::call(self.api, method, path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        wire::call(self.api, "GET", path, &[], b"")
    }

    /// The JSON of a 200.
    pub fn read(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub fn ask(&self, prompt: &str, app_type: &str) -> Answer {
        self.call("POST", "/api/spawn", &json!({"prompt": prompt, "appType": app_type}))
    }

    /// A session that was accepted.
    pub fn spawn(&self, prompt: &str, app_type: &str) -> Session<'_> {
        let answer = self.ask(prompt, app_type);
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.session(&answer.json())
    }

    /// The session that an answer of the API tells of.
    pub fn session(&self, told: &Value) -> Session<'_> {
        let text = |name: &str| told[name].as_str().unwrap_or_else(|| panic!("no {name} in {told}")).to_owned();
        Session { engine: self, id: text("sessionId"), url: text("appUrl") }
    }

    /// A TLS connection to the gateway that trusts nothing but the engine's own authority.
    pub fn tls(&self, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut root = RootCertStore::empty();
        root.add(CertificateDer::from_pem_file(self.folder.join("data/ca.pem")).unwrap()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(root).with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), wire::connect(self.gateway))
    }

    /// A WebSocket to `/ws`.
    pub fn socket(&self) -> Socket {
        let address = format!("ws://{}/ws", self.api);
        Socket(tungstenite::client(address, Box::new(wire::connect(self.api)) as Box<dyn Duplex>).unwrap().0)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // An engine that was stopped is no more.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
            if std::thread::panicking() {
                eprintln!("the engine said:\n{}", self.said());
            }
        }
    }
}

fn listen(stderr: std::process::ChildStderr) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let said = Arc::new(Mutex::new(String::new()));
    let into = said.clone();
    let listening = std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut said = into.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_str(&line);
            said.push('\n');
        }
    });
    (said, listening)
}

pub struct Session<'a> {
    engine: &'a Engine,
    pub id: String,
    pub url: String,
}

impl Session<'_> {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/spawn/{}{rest}", self.id)
    }

    pub fn show(&self) -> Value {
        self.engine.read(&self.path(""))
    }

    /// Waits until it is in this status, and fails at once when it is over in another one.
    pub fn until(&self, status: &str) -> Value {
        eventually(&format!("{} is {status}", self.id), || {
            let view = self.show();
            let now = view["status"].as_str().unwrap();
            let over = ["error", "expired"].contains(&now);
            assert!(now == status || !over, "{view}\n{}", self.engine.said());
            (now == status).then_some(view)
        })
    }

    pub fn ready(self) -> Self {
        self.until("ready");
        self
    }

    /// The app's host name.
    pub fn name(&self) -> &str {
        let authority = self.url.strip_prefix("https://").unwrap();
        authority.rsplit_once(':').unwrap().0
    }

    /// One request to the app, through the gateway.
    pub fn visit(&self, method: &str, path: &str, body: &Value) -> Answer {
        let authority = self.url.strip_prefix("https://").unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("Content-Type", "application/json")];
        let stream = Box::new(self.engine.tls(self.name()));
        wire::answer(wire::send_over(stream, authority, method, path, &headers, body.as_bytes()))
    }

    pub fn page(&self) -> Answer {
        self.visit("GET", "/", &Value::Null)
    }

    pub fn destroy(&self) -> Value {
        let answer = self.engine.call("DELETE", &self.path(""), &Value::Null);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Its server-sent events after `last`.
    pub fn events(&self, last: Option<u64>) -> Events {
        self.stream("/events", last)
    }

    pub fn stream(&self, path: &str, last: Option<u64>) -> Events {
        let last = last.map(|number| number.to_string());
        let headers: Vec<_> = last.iter().map(|number| ("Last-Event-ID", number.as_str())).collect();
        let mut reader = wire::send(self.engine.api, "GET", &self.path(path), &headers, b"");
        let (status, headers) = wire::read_head(&mut reader);
        assert!(status == 200 && headers.contains("content-type: text/event-stream\r\n"), "{status} {headers}");
        Events(Body::of(reader, &headers))
    }
}

/// A stream of server-sent events.
pub struct Events(Body);

#[derive(Debug)]
pub struct Event {
    pub id: u64,
    pub kind: String,
    pub data: Value,
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let mut fields = [const { None }; 3];
        loop {
            let line = self.0.line()?;
            if line.is_empty() && fields[2].is_some() {
                let [id, kind, data] = fields;
                let [kind, data] = [kind, data].map(|field: Option<String>| field.expect("a whole event"));
                // What passes by has no number.
                let id = id.map_or(0, |id| id.parse().unwrap());
                return Some(Event { id, kind, data: serde_json::from_str(&data).unwrap() });
            }
            for (field, label) in fields.iter_mut().zip(["id: ", "event: ", "data: "]) {
                if let Some(value) = line.strip_prefix(label) {
                    *field = Some(value.to_owned());
                }
            }
        }
    }
}

/// A WebSocket whose frames are JSON.
pub struct Socket(pub WebSocket<Box<dyn Duplex>>);

impl Socket {
    pub fn say(&mut self, frame: &Value) {
        self.0.send(tungstenite::Message::text(frame.to_string())).unwrap();
    }

    /// The next frame of text; the rest of the protocol is seen to on the way.
    pub fn hear(&mut self) -> Value {
        loop {
            match self.0.read().unwrap() {
                tungstenite::Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                tungstenite::Message::Close(reason) => panic!("closed: {reason:?}"),
                _ => {}
            }
        }
    }

    /// The next frame of that type.
    pub fn hear_kind(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.hear();
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// Why the other side closes, with all that it says before left unheard.
    pub fn closed(&mut self) -> u16 {
        loop {
            match self.0.read().unwrap() {
                tungstenite::Message::Close(Some(reason)) => return reason.code.into(),
                tungstenite::Message::Close(None) => return 0,
                _ => {}
            }
        }
    }
}

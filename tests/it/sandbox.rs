//! The engine's client, pool and deployment against the embedded host, with real sandboxes.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    future::Future,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix::{Actor as _, Addr};
use spawnai::{
    guard,
    host::{self, Host},
    sandbox::{
        APP_FOLDER, Acquire, Client, Command, Config, DeployFailure, DeployLimits, Drain, Endpoint, Lease, Plan, Pool,
        ProcessEvent, ProcessStream, Release, SandboxError, Stats, Step, Stream, deploy,
    },
    types::{Addressing, AppFile, Artifact, Check, Expectation, Origin, Port, Runtime, SessionId},
};

const HOUR: Duration = Duration::from_secs(3600);
const SERVER: &str = r#"
const http = require("http");
const items = [];
console.log("starting");
http.createServer((request, response) => {
  if (request.url === "/die") { console.error("dying"); process.exit(7); }
  if (request.method === "POST") {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => { items.push(JSON.parse(body)); response.writeHead(201).end("added"); });
    return;
  }
  response.end(JSON.stringify({ items, env: process.env.NODE_ENV }));
}).listen(process.env.PORT, process.env.HOST);
"#;

struct Engine {
    client: Client,
    pool: Addr<Pool>,
}

impl Engine {
    async fn acquire(&self) -> Lease {
        self.pool.send(Acquire { session: SessionId::generate(), lifetime: HOUR }).await.unwrap().unwrap().take()
    }

    async fn release(&self, lease: Lease) {
        self.pool.send(Release { sandbox: lease.sandbox }).await.unwrap().unwrap();
    }

    async fn run(&self, lease: &Lease, line: &str) -> ProcessStream {
        let command = Command { line, folder: "/home/user", envs: BTreeMap::new(), limit: None };
        self.client.start(lease, command).await.unwrap()
    }
}

/// Runs `test` with an engine on a host of its own, and ends both. Hosts of one process share its name, so one at a time.
fn with_engine<F: Future<Output = ()>>(warm: usize, test: impl FnOnce(Rc<Engine>) -> F) {
    with_engine_and(warm, host::EgressConfig::default(), test);
}

/// The same, with an operator's word on the internet.
fn with_engine_and<F: Future<Output = ()>>(
    warm: usize,
    egress: host::EgressConfig,
    test: impl FnOnce(Rc<Engine>) -> F,
) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = host::Config::new(SocketAddr::from(([127, 0, 0, 1], 0)), folder.path().to_owned());
    settings.init_executable = env!("CARGO_BIN_EXE_spawnai").into();
    settings.egress = egress;
    actix::System::new().block_on(async {
        let host = Host::start(settings).unwrap();
        let address = host.address().to_string();
        let endpoint = Endpoint {
            api_url: format!("http://{address}"),
            addressing: Addressing::Headers { address },
            api_key: host.api_key(),
        };
        let client = Client::new(&endpoint);
        let config = Config { warm, ..Config::near(endpoint, "test".to_owned()) };
        let pool = Pool::new(&config, client.clone(), spawnai::supervisor::Life::alone("pool")).start();
        let engine = Rc::new(Engine { client, pool });
        test(engine.clone()).await;
        engine.pool.send(Drain).await.unwrap();
        assert_eq!(
            engine.client.list(&BTreeMap::new()).await,
            Ok(Vec::new()),
            "a drained pool and ended sessions leave nothing"
        );
        host.shutdown().await;
    });
}

fn artifact(runtime: Runtime, source: &str, start: &str, checks: Vec<Check>) -> Artifact {
    Artifact {
        files: vec![
            AppFile { path: "server.js".into(), content: source.into() },
            AppFile { path: "public/ä ö/data.txt".into(), content: "data".into() },
        ],
        build: None,
        start: start.into(),
        port: Port::new(3000).unwrap(),
        runtime,
        dependencies: Vec::new(),
        checks,
        origin: Origin { generator: "test".into(), template: "test".into(), match_percent: 100, note: String::new() },
    }
}

fn node(source: &str, checks: Vec<Check>) -> Artifact {
    artifact(Runtime::Node, source, "node server.js", checks)
}

async fn failure(engine: &Engine, artifact: Artifact) -> DeployFailure {
    let lease = engine.acquire().await;
    let limits =
        DeployLimits { listen: Duration::from_secs(2), build: Duration::from_secs(2), ..DeployLimits::default() };
    let plan = Plan { limits, ..Plan::default() };
    let outcome = deploy(engine.client.clone(), lease.clone(), Arc::new(artifact), plan, |_| {}).await;
    engine.release(lease).await;
    outcome.unwrap_err()
}

#[test]
fn an_app_comes_to_life_is_watched_and_ends() {
    with_engine(1, async |engine| {
        let lease = engine.acquire().await;
        let add = Check {
            name: "add".into(),
            method: "POST".into(),
            path: "/".into(),
            body: Some(r#"{"title":"milk"}"#.into()),
            expect: Expectation { contains: Some("added".into()), ..Expectation::status(201) },
        };
        let checks = vec![Check::get("empty", "/", 200, Some("[]")), add, Check::get("full", "/", 200, Some("milk"))];
        let steps = Rc::<RefCell<Vec<Step>>>::default();
        let seen = steps.clone();
        let step = move |step| seen.borrow_mut().push(step);
        let artifact = Arc::new(node(SERVER, checks));
        let mut app = deploy(engine.client.clone(), lease.clone(), artifact, Plan::default(), step).await.unwrap();
        let started = Step::Output { stream: Stream::Stdout, text: "starting\n".into() };
        assert!(steps.borrow().contains(&started), "{steps:?}");
        let data = engine.client.read_file(&lease, &format!("{APP_FOLDER}/public/ä ö/data.txt")).await;
        assert_eq!(data.unwrap().as_ref(), b"data");
        let port = Port::new(3000).unwrap();
        let answer = engine.client.request(&lease.sandbox, port, "GET", "/", None, HOUR).await.unwrap();
        assert!(String::from_utf8_lossy(&answer.body).contains(r#""env":"production""#));
        drop(engine.client.request(&lease.sandbox, port, "GET", "/die", None, HOUR).await);
        let mut ended = None;
        while let Some(event) = app.output.next().await.unwrap() {
            if let ProcessEvent::Ended { exit_code, .. } = event {
                ended = Some(exit_code);
            }
        }
        assert_eq!(ended, Some(7), "the death of a live app is told");
        let closed = engine.client.request(&lease.sandbox, port, "GET", "/", None, HOUR).await;
        assert_eq!(closed, Err(SandboxError::PortClosed { sandbox: lease.sandbox.clone(), port }));
        let sandbox = lease.sandbox.clone();
        engine.release(lease).await;
        assert!(matches!(engine.client.get(&sandbox).await, Err(SandboxError::NotFound { .. })));
        let gone = engine.client.request(&sandbox, port, "GET", "/", None, HOUR).await;
        assert!(matches!(gone, Err(SandboxError::NotFound { .. })), "{gone:?}");
    });
}

#[test]
fn each_way_to_fail_is_told_apart() {
    with_engine(0, async |engine| {
        let crash = failure(&engine, node("require('left-pad')", vec![])).await;
        let DeployFailure::Start { exit: 1, output } = crash else { panic!("{crash:?}") };
        assert!(output.contains("Cannot find module 'left-pad'"), "{output}");
        let deaf = failure(&engine, node("console.log('here'); setInterval(() => {}, 1000)", vec![])).await;
        let DeployFailure::NotListening { output, .. } = deaf else { panic!("{deaf:?}") };
        assert_eq!(output, "here");
        let wrong = failure(&engine, node(SERVER, vec![Check::get("home", "/", 404, None)])).await;
        let DeployFailure::Check { got, .. } = wrong else { panic!("{wrong:?}") };
        assert!(got.starts_with("status 200"), "{got}");
        let build = Artifact { build: Some("echo broken >&2; exit 3".into()), ..node(SERVER, vec![]) };
        let broken = failure(&engine, build).await;
        assert_eq!(broken, DeployFailure::Build { exit: Some(3), output: "broken".into() });
        let endless = Artifact { build: Some("sleep 60".into()), ..node(SERVER, vec![]) };
        let stopped = failure(&engine, endless).await;
        assert_eq!(stopped, DeployFailure::Build { exit: None, output: String::new() });
    });
}

#[test]
fn a_sandbox_that_is_killed_cuts_its_streams() {
    with_engine(0, async |engine| {
        let lease = engine.acquire().await;
        let mut stream = engine.run(&lease, "sleep 60").await;
        assert!(matches!(stream.next().await, Ok(Some(ProcessEvent::Started { .. }))));
        engine.release(lease).await;
        let end = stream.next().await;
        assert!(matches!(end, Err(SandboxError::Cut { .. }) | Ok(Some(ProcessEvent::Ended { .. }))), "{end:?}");
    });
}

#[test]
fn a_hundred_open_streams_leave_room_for_calls() {
    with_engine(0, async |engine| {
        let lease = engine.acquire().await;
        let mut streams = Vec::new();
        for _ in 0..120 {
            let mut stream = engine.run(&lease, "exec sleep 60").await;
            assert!(matches!(stream.next().await, Ok(Some(ProcessEvent::Started { .. }))));
            streams.push(stream);
        }
        engine.client.health(&lease).await.unwrap();
        engine.client.ping().await.unwrap();
        engine.release(lease).await;
    });
}

#[test]
fn a_burst_of_askers_is_served_and_all_is_given_back() {
    with_engine(2, async |engine| {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let engine = engine.clone();
                actix::spawn(async move { engine.acquire().await })
            })
            .collect();
        let mut leases = Vec::new();
        for lease in asking {
            leases.push(lease.await.unwrap());
        }
        let mut ids: Vec<_> = leases.iter().map(|lease| lease.sandbox.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        assert_eq!(engine.pool.send(Stats).await.unwrap().leased, 8);
        let mine = engine.client.list(&BTreeMap::from([("spawnai".to_owned(), "test".to_owned())])).await.unwrap();
        assert!(mine.len() >= 8, "the engine's own sandboxes are found by its name");
        let others = engine.client.list(&BTreeMap::from([("spawnai".to_owned(), "other".to_owned())])).await.unwrap();
        assert_eq!(others, []);
        for lease in leases {
            engine.release(lease).await;
        }
    });
}

/// What the guard reads in the code is what the sandbox's rules let through, in a warm sandbox that had no way out.
#[test]
fn an_app_reaches_the_hosts_that_its_code_names() {
    let secret = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = secret.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in secret.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
        }
    });
    let source = r#"
const http = require("http");
const GOOD = "http://good.test:PORT/";
http.createServer((request, response) => {
  if (request.url === "/built") return response.end(require("fs").readFileSync("built.txt"));
  const to = request.url === "/good" ? GOOD : GOOD.replace("good", request.url.slice(1));
  http.get({ host: "127.0.0.1", port: 3128, path: to }, (got) => got.pipe(response))
    .on("error", (error) => response.end(error.code));
}).listen(process.env.PORT, process.env.HOST);
"#
    .replace("PORT/", &format!("{port}/"));
    let addresses = |name: &str| (name.to_owned(), vec!["127.0.0.1".parse().unwrap()]);
    let egress = host::EgressConfig {
        allow: vec!["127.0.0.1".parse().unwrap()],
        resolver: host::Resolver::Table([addresses("good.test"), addresses("other.test")].into()),
        ..host::EgressConfig::default()
    };
    with_engine_and(1, egress, async |engine| {
        let policy = guard::Policy { egress_deny: ["other.test".to_owned()].into(), ..guard::Policy::default() };
        for internet in [true, false] {
            // Installing reaches more than the app does.
            let build = Some(format!("curl -s http://other.test:{port}/ > built.txt; true"));
            let artifact = Artifact { build, ..node(&source, Vec::new()) };
            let mut verdict = guard::inspect(&artifact, &policy);
            let egress = guard::egress(&artifact, &mut verdict, &policy, internet);
            assert!(!verdict.blocked, "{verdict:?}");
            let lease = engine.acquire().await;
            let plan = Plan { egress, ..Plan::default() };
            let running = deploy(engine.client.clone(), lease.clone(), Arc::new(artifact), plan, |_| {}).await.unwrap();
            let ask = async |path| {
                let port = Port::new(3000).unwrap();
                let answer = engine.client.request(&lease.sandbox, port, "GET", path, None, Duration::from_secs(10));
                String::from_utf8(answer.await.unwrap().body.to_vec()).unwrap()
            };
            let (good, other, built) = (ask("/good").await, ask("/other").await, ask("/built").await);
            assert_eq!(built, if internet { "secret" } else { "" });
            if internet {
                assert!(good == "secret" && other.contains("denyOut 0.0.0.0/0"), "{good} {other}");
            } else {
                assert_eq!((good.as_str(), other.as_str()), ("ECONNREFUSED", "ECONNREFUSED"));
            }
            drop(running);
            engine.release(lease).await;
        }
    });
}

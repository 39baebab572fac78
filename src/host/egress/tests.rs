//! The proxy with real sockets: programs on one side, servers on loopback on the other.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener as StdTcpListener, TcpStream as StdTcpStream},
    os::fd::{AsFd as _, OwnedFd},
    sync::Arc,
    time::Duration,
};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Config, Egress, Exit, OpenError, Resolver, Rules, Traffic,
    line::{Bounds, Line},
};
use crate::host::agent::{
    channel,
    client::AgentClient,
    protocol::{Done, Reply, encode},
};

const LOOPBACK: &str = "127.0.0.0/8";
/// Longer than anything here takes, on any machine.
const LONG: Duration = Duration::from_secs(300);
const SHORT: Duration = Duration::from_millis(50);

struct Stand {
    proxy: SocketAddr,
    rules: watch::Sender<Arc<Rules>>,
    traffic: Arc<Traffic>,
    cut: CancellationToken,
    task: JoinHandle<()>,
}

impl Stand {
    async fn new(allow: &[&str], rules: Rules, bounds: Bounds) -> Self {
        let names = [
            ("good.test", vec![IpAddr::from(Ipv4Addr::LOCALHOST)]),
            ("near.test", vec![IpAddr::from([10, 0, 0, 1]), IpAddr::from([169, 254, 169, 254])]),
            ("mixed.test", vec![IpAddr::from([10, 0, 0, 1]), IpAddr::from(Ipv4Addr::LOCALHOST)]),
        ];
        let table = names.map(|(name, addresses)| (name.to_owned(), addresses));
        let config = Config {
            allow: allow.iter().map(|block| block.parse().unwrap()).collect(),
            resolver: Resolver::Table(BTreeMap::from(table)),
            ..Config::default()
        };
        let mut exit = Exit::new(&config);
        exit.bounds = bounds;
        let (rules, traffic) = (watch::Sender::new(Arc::new(rules)), Arc::new(Traffic::default()));
        let line = Arc::new(Line::new(Arc::new(exit), rules.subscribe(), Arc::clone(&traffic)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (proxy, cut) = (listener.local_addr().unwrap(), CancellationToken::new());
        let task = tokio::spawn(line.run(listener, cut.clone()));
        Self { proxy, rules, traffic, cut, task }
    }

    async fn open() -> Self {
        Self::new(&[LOOPBACK], on(), patient()).await
    }

    /// Sends a head and reads the answer's; the connection, and what was said.
    async fn ask(&self, head: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.proxy).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let said = read_head(&mut stream).await;
        (stream, said)
    }

    async fn connect(&self, authority: &str) -> (TcpStream, String) {
        self.ask(&format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await
    }

    /// The status and the JSON of a refusal.
    async fn refused(&self, head: &str) -> (u16, Value) {
        let (mut stream, said) = self.ask(head).await;
        let length = said.to_lowercase().split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse();
        let mut body = vec![0; length.unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        let status = said.split(' ').nth(1).unwrap().parse().unwrap();
        let json: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["code"], status);
        (status, json)
    }
}

fn on() -> Rules {
    Rules::new(true, &[], &[]).unwrap()
}

fn patient() -> Bounds {
    Bounds { connections: 8, head: LONG, answer: LONG, idle: LONG }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            break;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Whether the other side has closed: everything before is read and dropped.
async fn closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.map_or(true, |_| true)
}

async fn server() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn much_goes_through_a_tunnel_both_ways_and_is_counted() {
    const BYTES: usize = 8 << 20;
    let stand = Stand::open().await;
    let (listener, port) = server().await;
    let echo = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut reader, mut writer) = stream.split();
        tokio::io::copy(&mut reader, &mut writer).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    let (stream, said) = stand.connect(&format!("good.test:{port}")).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let (mut reader, mut writer) = stream.into_split();
    let sender = tokio::spawn(async move {
        let chunk: Vec<u8> = (0..=255).cycle().take(BYTES).collect();
        writer.write_all(&chunk).await.unwrap();
        writer.shutdown().await.unwrap();
        chunk
    });
    let mut back = Vec::new();
    reader.read_to_end(&mut back).await.unwrap();
    assert!(back == sender.await.unwrap(), "the same bytes in the same order");
    assert_eq!((stand.traffic.sent(), stand.traffic.received()), (BYTES as u64, BYTES as u64));
    echo.await.unwrap();
}

#[tokio::test]
async fn a_plain_request_is_forwarded_without_what_was_meant_for_the_proxy() {
    let stand = Stand::open().await;
    let (listener, port) = server().await;
    let app = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = read_head(&mut stream).await;
        let mut body = [0; 4];
        stream.read_exact(&mut body).await.unwrap();
        stream
            .write_all(
                b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: x-hop\r\nX-Hop: 1\r\nX-Kept: 1\r\n\r\nhi",
            )
            .await
            .unwrap();
        (head, body)
    });
    let head = format!(
        "POST http://user:secret@good.test:{port}/a?b=c HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 4\r\n\
         Proxy-Authorization: Basic eA==\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nX-Kept: 1\r\n\r\nbody"
    );
    let (mut stream, said) = stand.ask(&head).await;
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
    assert!(said.contains("x-kept: 1") && !said.contains("x-hop"), "{said}");
    let mut body = [0; 2];
    stream.read_exact(&mut body).await.unwrap();
    assert_eq!(&body, b"hi");
    let (seen, body) = app.await.unwrap();
    assert!(seen.starts_with("POST /a?b=c HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: good.test:{port}\r\n")) && seen.contains("x-kept: 1"), "{seen}");
    for gone in ["evil", "secret", "proxy-", "x-mine"] {
        assert!(!seen.to_lowercase().contains(gone), "{gone} in {seen}");
    }
    assert_eq!(&body, b"body");
}

#[tokio::test]
async fn a_large_answer_without_a_length_comes_whole() {
    const BYTES: usize = 4 << 20;
    let stand = Stand::open().await;
    let (listener, port) = server().await;
    let app = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await.unwrap();
        stream.write_all(&vec![b'x'; BYTES]).await.unwrap();
    });
    let head = format!("GET http://good.test:{port}/ HTTP/1.0\r\nHost: x\r\n\r\n");
    let (mut stream, said) = stand.ask(&head).await;
    assert!(said.starts_with("HTTP/1.0 200") || said.starts_with("HTTP/1.1 200"), "{said}");
    let mut body = Vec::new();
    stream.read_to_end(&mut body).await.unwrap();
    assert_eq!(body.len(), BYTES, "{said}");
    app.await.unwrap();
}

#[tokio::test]
async fn refusals_are_in_the_proxys_own_words() {
    let stand = Stand::new(&[], on(), patient()).await;
    let (_listener, port) = server().await;
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "0.0.0.0",
        "169.254.169.254",
        "good.test",
        "near.test",
        "mixed.test",
    ] {
        for head in [
            format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: x\r\n\r\n"),
            format!("GET http://{host}:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        ] {
            let (status, said) = stand.refused(&head).await;
            assert_eq!((status, said["rule"].as_str()), (403, Some("reserved-address")), "{head} {said}");
        }
    }
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    for (head, status) in [
        (get("/"), 400),
        (get("https://good.test/"), 400),
        (get("http://good.test:0/"), 400),
        (get("http://unknown.test/"), 502),
        ("CONNECT good.test HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 400),
    ] {
        assert_eq!(stand.refused(&head).await.0, status, "{head}");
    }
    assert_eq!((stand.traffic.sent(), stand.traffic.received()), (0, 0));
}

#[tokio::test]
async fn of_many_addresses_only_an_allowed_one_is_connected_to() {
    let stand = Stand::open().await;
    let (listener, port) = server().await;
    let (_stream, said) = stand.connect(&format!("mixed.test:{port}")).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    assert!(listener.accept().await.unwrap().1.ip().is_loopback());
}

#[tokio::test]
async fn servers_that_fail_are_told_from_refusals() {
    let impatient = Bounds { answer: SHORT, ..patient() };
    let stand = Stand::new(&[LOOPBACK], on(), impatient).await;
    let (listener, port) = server().await;
    let get = format!("GET http://good.test:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(stand.refused(&get).await.0, 504, "it was let in, and says nothing");
    let nonsense = tokio::spawn(async move {
        let (first, _) = listener.accept().await.unwrap();
        let (mut second, _) = listener.accept().await.unwrap();
        read_head(&mut second).await;
        second.write_all(b"nonsense\r\n\r\n").await.unwrap();
        drop((first, second));
    });
    assert_eq!(stand.refused(&get).await.0, 502);
    nonsense.await.unwrap();
    assert_eq!(stand.refused(&get).await.0, 502, "nobody listens any more");
}

#[tokio::test]
async fn silence_ends_a_connection() {
    let stand = Stand::new(&[LOOPBACK], on(), Bounds { head: SHORT, ..patient() }).await;
    let mut slow = TcpStream::connect(stand.proxy).await.unwrap();
    slow.write_all(b"GET http://good.test/ HT").await.unwrap();
    assert!(closed(&mut slow).await, "a head that never ends");
    let stand = Stand::new(&[LOOPBACK], on(), Bounds { idle: SHORT, ..patient() }).await;
    let (_listener, port) = server().await;
    let (mut quiet, said) = stand.connect(&format!("good.test:{port}")).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    assert!(closed(&mut quiet).await, "a tunnel that nobody uses");
}

#[tokio::test]
async fn a_head_over_the_bounds_is_refused() {
    let stand = Stand::open().await;
    let (_stream, said) = stand.ask(&format!("GET http://good.test/{} HTTP/1.1\r\n\r\n", "x".repeat(200_000))).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    let fields: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let (_stream, said) = stand.ask(&format!("GET http://good.test/ HTTP/1.1\r\n{fields}\r\n")).await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
}

#[tokio::test]
async fn new_rules_cut_what_they_forbid_and_nothing_else() {
    let stand = Stand::open().await;
    let (listener, port) = server().await;
    let (mut stream, said) = stand.connect(&format!("good.test:{port}")).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let (mut inside, _) = listener.accept().await.unwrap();
    stand.rules.send_replace(Arc::new(Rules::new(true, &[], &["8.8.8.8".to_owned()]).unwrap()));
    inside.write_all(b"still here").await.unwrap();
    let mut heard = [0; 10];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"still here");
    stand.rules.send_replace(Arc::new(Rules::new(true, &[], &["127.0.0.1".to_owned()]).unwrap()));
    assert!(closed(&mut stream).await && closed(&mut inside).await);
    let (status, said) = stand.refused(&format!("CONNECT good.test:{port} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    assert_eq!((status, said["rule"].as_str()), (403, Some("denyOut 127.0.0.1")));
}

#[tokio::test]
async fn an_answer_that_is_still_coming_is_cut_as_well() {
    let stand = Stand::open().await;
    let (listener, port) = server().await;
    let (mut stream, app) = {
        let app = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin").await.unwrap();
            stream
        });
        let (stream, said) = stand.ask(&format!("GET http://good.test:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        (stream, app.await.unwrap())
    };
    let mut begin = [0; 5];
    stream.read_exact(&mut begin).await.unwrap();
    stand.rules.send_replace(Arc::default());
    let mut app = app;
    assert!(closed(&mut stream).await && closed(&mut app).await);
}

#[tokio::test]
async fn only_a_listener_on_loopback_is_taken_from_a_sandbox() {
    let any = StdTcpListener::bind("0.0.0.0:0").unwrap();
    let good = StdTcpListener::bind("127.0.0.1:0").unwrap();
    let port = good.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let strangers: [OwnedFd; 6] = [
        any.into(),
        rustix::pipe::pipe().unwrap().0,
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().into(),
        StdTcpStream::connect(good.local_addr().unwrap()).unwrap().into(),
        StdTcpListener::bind("[::1]:0").unwrap().into(),
        std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap().into(),
    ];
    let tasks = TaskTracker::new();
    for stranger in strangers {
        let egress = Egress::new(Arc::new(Exit::new(&Config::default())), on());
        let opened = egress.open(&agent_that_gives(stranger), &tasks).await;
        assert!(matches!(opened, Err(OpenError::Stranger)), "{opened:?}");
        assert_eq!((egress.port(), egress.environment().count()), (None, 0));
    }
    let egress = Egress::new(Arc::new(Exit::new(&Config::default())), on());
    egress.open(&agent_that_gives(good.into()), &tasks).await.unwrap();
    assert_eq!(egress.port(), Some(port));
    egress.close().await;
    assert!(tasks.is_empty());
    let (pipe, _) = rustix::pipe::pipe().unwrap();
    assert!(matches!(egress.open(&agent_that_gives(pipe), &tasks).await, Err(OpenError::Over)));
}

/// PID 1 as the host sees it, with its one answer on the way already.
fn agent_that_gives(descriptor: OwnedFd) -> AgentClient {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
    let reply = encode(&Reply { seq: 1, result: Ok(Done::Socket) }).unwrap();
    channel::send(theirs.as_fd(), &reply, &[descriptor.as_fd()]).unwrap();
    // Kept open for as long as the process runs: its end would be the sandbox's.
    std::mem::forget(theirs);
    AgentClient::new(ours).unwrap()
}

#[tokio::test]
async fn connections_over_the_bound_wait_and_all_end_with_the_line() {
    let stand = Stand::new(&[LOOPBACK], on(), Bounds { connections: 2, ..patient() }).await;
    let (listener, port) = server().await;
    let target = format!("good.test:{port}");
    let (mut first, _) = stand.connect(&target).await;
    let (mut second, _) = stand.connect(&target).await;
    let mut third = TcpStream::connect(stand.proxy).await.unwrap();
    third.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
    let early = tokio::time::timeout(SHORT, third.read_u8()).await;
    assert!(early.is_err(), "it waits in the backlog");
    first.shutdown().await.unwrap();
    drop((first, listener.accept().await.unwrap()));
    assert_eq!(third.read_u8().await.unwrap(), b'H');
    stand.cut.cancel();
    stand.task.await.unwrap();
    assert!(closed(&mut second).await && closed(&mut third).await);
    assert!(TcpStream::connect(stand.proxy).await.is_err());
}

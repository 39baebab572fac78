//! A host for tests that says exactly what it is told to, down to the byte at which it hangs up.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc, time::Duration};

use actix_rt::task::JoinHandle;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

use super::{Client, Endpoint, Lease, frames};
use crate::types::{Addressing, SandboxSize, Secret, Timestamp};

/// A test that waits longer has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A request as it came in.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// `METHOD path`
    pub line: String,
    head: String,
    pub body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The port of a sandbox that it is meant for; `None` for the control plane.
    pub(super) fn port(&self) -> Option<&str> {
        self.header("e2b-sandbox-port")
    }
}

/// What to send, and what to do with the connection then.
pub(super) struct Answer {
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    Keep,
    Close,
    /// Stay silent until the client goes.
    Hold,
}

impl Answer {
    pub(super) fn json(status: u16, body: &str) -> Self {
        Self::with(status, "", body)
    }

    /// `headers` are whole lines, each with its `\r\n`.
    pub(super) fn with(status: u16, headers: &str, body: &str) -> Self {
        let head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        Self { bytes: (head + body).into_bytes(), then: Then::Keep }
    }

    /// Raw bytes, possibly none or not even HTTP, and a closed connection.
    pub(super) fn cut(bytes: &str) -> Self {
        Self { bytes: bytes.as_bytes().to_vec(), then: Then::Close }
    }

    pub(super) fn silence() -> Self {
        Self { bytes: Vec::new(), then: Then::Hold }
    }

    /// A stream of process events that stays open; with `end` it ends as the protocol says.
    pub(super) fn stream(events: &[&str], end: Option<&str>) -> Self {
        let mut body: Vec<u8> = Vec::new();
        for event in events {
            body.extend(frames::encode(format!("{{\"event\":{event}}}").as_bytes()).unwrap());
        }
        if let Some(end) = end {
            let mut last = frames::encode(end.as_bytes()).unwrap().to_vec();
            last[0] = 2;
            body.extend(last);
        }
        let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        // Chunks of seven bytes: no frame is ever whole in one.
        for chunk in body.chunks(7) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        if end.is_some() {
            bytes.extend(b"0\r\n\r\n");
        }
        Self { bytes, then: if end.is_some() { Then::Keep } else { Then::Hold } }
    }

    /// The same, and the connection breaks.
    pub(super) fn broken_off(mut self) -> Self {
        self.then = Then::Close;
        self
    }
}

type Script = Rc<RefCell<dyn FnMut(&Request) -> Answer>>;

/// Serves on a free port of loopback until it is dropped.
pub(super) struct Scripted {
    pub endpoint: Endpoint,
    requests: Rc<RefCell<Vec<Request>>>,
    /// Requests that came, and connections that the client closed.
    counts: watch::Receiver<(usize, usize)>,
    accepting: JoinHandle<()>,
}

impl Scripted {
    pub(super) async fn new(script: impl FnMut(&Request) -> Answer + 'static) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Rc::<RefCell<Vec<Request>>>::default();
        let (count, counts) = watch::channel((0, 0));
        let (script, seen): (Script, _) = (Rc::new(RefCell::new(script)), requests.clone());
        let accepting = actix_rt::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                connections.spawn_local(serve(socket, script.clone(), seen.clone(), count.clone()));
            }
        });
        let endpoint = Endpoint {
            api_url: format!("http://{address}"),
            addressing: Addressing::Headers { address },
            api_key: Secret::new("e2b_00".to_owned()),
        };
        Self { endpoint, requests, counts, accepting }
    }

    pub(super) fn client(&self) -> Client {
        Client::new(&self.endpoint)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.requests.borrow().iter().map(|request| request.line.clone()).collect()
    }

    /// Waits until so many requests have come.
    pub(super) async fn received(&self, requests: usize) {
        let mut counts = self.counts.clone();
        timeout(PATIENCE, counts.wait_for(|(came, _)| *came >= requests))
            .await
            .expect("the requests never came")
            .unwrap();
    }

    /// Waits until the client has closed so many connections.
    pub(super) async fn closed(&self, connections: usize) {
        let mut counts = self.counts.clone();
        let closed = counts.wait_for(|(_, closed)| *closed >= connections);
        timeout(PATIENCE, closed).await.expect("the connections stay open").unwrap();
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn serve(
    mut socket: TcpStream,
    script: Script,
    seen: Rc<RefCell<Vec<Request>>>,
    count: watch::Sender<(usize, usize)>,
) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        while let Some(request) = receive(&mut socket).await {
            let answer = (script.borrow_mut())(&request);
            seen.borrow_mut().push(request);
            count.send_modify(|(came, _)| *came += 1);
            if socket.write_all(&answer.bytes).await.is_err() {
                break;
            }
            match answer.then {
                Then::Keep => {}
                Then::Close => return,
                Then::Hold => while socket.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {},
            }
        }
        count.send_modify(|(_, closed)| *closed += 1);
    })
}

async fn receive(socket: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        let read = socket.read_buf(&mut bytes).await.ok()?;
        if read == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let mut request = Request { line, head, body: String::new() };
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Some(request)
}

pub(super) fn lease() -> Lease {
    Lease {
        sandbox: "abc1".parse().unwrap(),
        access_token: Secret::new("ea_token".to_owned()),
        size: SandboxSize { vcpus: 2, memory_mib: 512 },
        started_at: Timestamp(0),
    }
}

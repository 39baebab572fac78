//! A scripted Messages API on a free port of loopback, in a thread of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

/// A test that waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Requests that are kept to be looked at.
const KEPT: usize = 64;

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// `METHOD path`
    pub line: String,
    head: String,
    pub body: Value,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The word that the answer's tags must have; the first turn of every request names it.
    pub fn nonce(&self) -> String {
        let turn = self.body["messages"][0]["content"].as_str().unwrap_or_default();
        let after = turn.split("NONCE is: ").nth(1).unwrap_or_default();
        after.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// What the last turn says.
    pub fn last_turn(&self) -> &str {
        let turns = self.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        turns.last().and_then(|turn| turn["content"].as_str()).unwrap_or_default()
    }
}

/// What to send, and what to do with the connection then.
#[derive(Clone, Debug)]
pub struct Reply {
    pieces: Vec<Vec<u8>>,
    /// Between two pieces.
    pause: Duration,
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Keep,
    Close,
    /// Stay silent until the client goes.
    Hold,
}

impl Reply {
    /// `headers` are whole lines, each with its `\r\n`.
    pub fn new(status: u16, headers: &str, body: &str) -> Self {
        let head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        Self { pieces: vec![(head + body).into_bytes()], pause: Duration::ZERO, then: Then::Keep }
    }

    pub fn json(status: u16, headers: &str, body: &str) -> Self {
        Self::new(status, &format!("content-type: application/json\r\n{headers}"), body)
    }

    /// An error as the API words it.
    pub fn error(status: u16, headers: &str, kind: &str) -> Self {
        let body =
            format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"scripted"}},"request_id":"req_1"}}"#);
        Self::json(status, headers, &body)
    }

    /// A stream of events, in chunks that are cut where it suits nobody.
    pub fn stream(events: &str) -> Self {
        const CHUNK: usize = 61;
        let mut pieces = vec![
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
                .to_vec(),
        ];
        for chunk in events.as_bytes().chunks(CHUNK) {
            let mut piece = format!("{:x}\r\n", chunk.len()).into_bytes();
            piece.extend_from_slice(chunk);
            piece.extend_from_slice(b"\r\n");
            pieces.push(piece);
        }
        pieces.push(b"0\r\n\r\n".to_vec());
        Self { pieces, pause: Duration::ZERO, then: Then::Keep }
    }

    /// Bytes that need not even be HTTP; then the connection is closed.
    pub fn raw(bytes: &[u8]) -> Self {
        Self { pieces: vec![bytes.to_vec()], pause: Duration::ZERO, then: Then::Close }
    }

    /// Nothing at all, for as long as the client waits.
    pub fn silence() -> Self {
        Self { pieces: Vec::new(), pause: Duration::ZERO, then: Then::Hold }
    }

    /// All bytes of it.
    pub fn length(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }

    /// Only the first `bytes`, and then the connection breaks.
    pub fn cut(self, bytes: usize) -> Self {
        let mut all = self.pieces.concat();
        all.truncate(bytes);
        Self::raw(&all)
    }

    /// Only the first `bytes`, and then silence.
    pub fn stalled(self, bytes: usize) -> Self {
        Self { then: Then::Hold, ..self.cut(bytes) }
    }

    /// Cut where it suits nobody.
    pub fn in_pieces(self) -> Self {
        const PIECE: usize = 200;
        Self { pieces: self.pieces.concat().chunks(PIECE).map(<[u8]>::to_vec).collect(), ..self }
    }

    /// One piece at a time.
    pub fn slowly(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}

type Script = Box<dyn FnMut(&Request) -> Reply + Send>;

struct Shared {
    script: Mutex<Script>,
    /// The first of them, see [`KEPT`].
    requests: Mutex<Vec<Request>>,
    asked: AtomicUsize,
    /// Connections that the client closed.
    closed: watch::Sender<usize>,
}

impl Shared {
    fn keep(&self, request: Request) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() < KEPT {
            requests.push(request);
        }
    }
}

/// Serves until it is dropped.
pub struct Scripted {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Scripted {
    pub fn new(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (closed, _) = watch::channel(0);
        let shared = Arc::new(Shared {
            script: Mutex::new(Box::new(script)),
            requests: Mutex::default(),
            asked: AtomicUsize::new(0),
            closed,
        });
        let serving = shared.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // Dropping the runtime ends all connections.
            runtime.block_on(async {
                tokio::select! {
                    () = accept(TcpListener::from_std(listener).unwrap(), serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, shared, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often an answer was asked for.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Waits until the client has closed so many connections.
    pub async fn closed(&self, connections: usize) {
        let mut closed = self.shared.closed.subscribe();
        let closed = closed.wait_for(|closed| *closed >= connections);
        timeout(PATIENCE, closed).await.expect("the connections stay open").unwrap();
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((socket, _)) = listener.accept().await {
        socket.set_nodelay(true).ok();
        tokio::spawn(serve(socket, shared.clone()));
    }
}

async fn serve(mut socket: TcpStream, shared: Arc<Shared>) {
    let mut bytes = Vec::new();
    while let Some(request) = receive(&mut socket, &mut bytes).await {
        let reply = (shared.script.lock().unwrap_or_else(PoisonError::into_inner))(&request);
        shared.asked.fetch_add(usize::from(request.line == "POST /v1/messages"), Ordering::SeqCst);
        shared.keep(request);
        for piece in &reply.pieces {
            if socket.write_all(piece).await.is_err() {
                break;
            }
            if reply.pause > Duration::ZERO {
                sleep(reply.pause).await;
            }
        }
        match reply.then {
            Then::Keep => {}
            Then::Close => return,
            Then::Hold => while socket.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {},
        }
    }
    shared.closed.send_modify(|closed| *closed += 1);
}

async fn receive(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let mut request = Request { line, head, body: Value::Null };
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + length {
        if socket.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = serde_json::from_slice(&bytes[end..end + length]).unwrap_or_default();
    bytes.drain(..end + length);
    Some(request)
}

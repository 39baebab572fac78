//! The way to a sandbox host, with faults on it: each request is passed on as it is, or comes to grief as the test says.
//!
//! ```text
//!   engine ──► Unruly ── one connection for each request ──► host
//!                │ asks the script: this call, what of it?
//!                └─ pass · answer something else · cut the answer short · never answer · be slow · not even listen
//! ```

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// What a request asks of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Create,
    List,
    Ping,
    Timeout,
    Kill,
    Detail,
    Upload,
    Start,
    Attach,
    /// Of the app itself.
    Visit,
    Other,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fault {
    Pass,
    /// This instead of the host's answer, which is never asked.
    Answer(u16, &'static str, &'static str),
    /// The connection is closed, and the host never asked.
    Hang,
    /// The host does it, and so many bytes of its answer come.
    Cut(usize),
    /// The host does it, and nothing comes.
    Silence,
    /// The answer comes after this time.
    Slow(Duration),
}

type Script = Box<dyn FnMut(Call) -> Fault + Send>;

struct Shared {
    script: Mutex<Script>,
    host: Mutex<SocketAddr>,
    open: Mutex<Vec<TcpStream>>,
    asked: Mutex<Vec<Call>>,
    over: AtomicBool,
    listens: AtomicBool,
}

pub struct Unruly {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Unruly {
    pub fn before(host: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Mutex::new(Box::new(|_| Fault::Pass)),
            host: Mutex::new(host),
            open: Mutex::default(),
            asked: Mutex::default(),
            over: AtomicBool::new(false),
            listens: AtomicBool::new(true),
        });
        let theirs = shared.clone();
        let accepting = thread::spawn(move || accept(listener, address, &theirs));
        Self { address, shared, accepting: Some(accepting) }
    }

    /// From here on, this decides.
    pub fn script(&self, script: impl FnMut(Call) -> Fault + Send + 'static) {
        *lock(&self.shared.script) = Box::new(script);
    }

    /// All goes well again.
    pub fn calm(&self) {
        self.script(|_| Fault::Pass);
    }

    /// The first call of this kind meets this; all else goes well.
    pub fn once(&self, call: Call, fault: Fault) {
        let mut fault = Some(fault);
        self.script(move |asked| if asked == call { fault.take().unwrap_or(Fault::Pass) } else { Fault::Pass });
    }

    /// Cuts what is open.
    pub fn sever(&self) {
        for stream in lock(&self.shared.open).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Whether connections are taken; when not, they are refused.
    pub fn listens(&self, listens: bool) {
        self.shared.listens.store(listens, Ordering::SeqCst);
        super::stand::eventually("the port is open or shut", || {
            (TcpStream::connect(self.address).is_ok() == listens).then_some(())
        });
    }

    pub fn lead_to(&self, host: SocketAddr) {
        *lock(&self.shared.host) = host;
    }

    pub fn asked(&self, call: Call) -> usize {
        lock(&self.shared.asked).iter().filter(|asked| **asked == call).count()
    }
}

impl Drop for Unruly {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.sever();
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}

fn accept(listener: TcpListener, address: SocketAddr, shared: &Arc<Shared>) {
    listener.set_nonblocking(true).unwrap();
    let mut listener = Some(listener);
    while !shared.over.load(Ordering::SeqCst) {
        match (shared.listens.load(Ordering::SeqCst), &listener) {
            (false, Some(_)) => listener = None,
            (true, None) => {
                listener = TcpListener::bind(address).ok();
                listener.iter().for_each(|listener| listener.set_nonblocking(true).unwrap());
            }
            (true, Some(listener)) => {
                if let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(false).unwrap();
                    let shared = shared.clone();
                    thread::spawn(move || serve(stream, &shared));
                    continue;
                }
            }
            (false, None) => {}
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// One request. What breaks on either side ends it, as it would on any way.
fn serve(mut client: TcpStream, shared: &Shared) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let (head, rest) = head_of(&mut client)?;
    let call = call_of(&head);
    let asked = || lock(&shared.asked).push(call);
    let fault = (lock(&shared.script))(call);
    let (limit, wait) = match fault {
        Fault::Pass => (usize::MAX, Duration::ZERO),
        Fault::Cut(bytes) => (bytes, Duration::ZERO),
        Fault::Silence => (0, Duration::ZERO),
        Fault::Slow(wait) => (usize::MAX, wait),
        Fault::Hang => {
            asked();
            return None;
        }
        Fault::Answer(status, headers, body) => {
            asked();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} Unruly\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
            );
            client.write_all(answer.as_bytes()).ok()?;
            client.shutdown(Shutdown::Write).ok()?;
            // What is not read would make a reset of the end.
            std::io::copy(&mut client, &mut std::io::sink()).ok()?;
            return Some(());
        }
    };
    let reached = TcpStream::connect(*lock(&shared.host));
    if let Ok(host) = &reached {
        lock(&shared.open).extend([client.try_clone().ok()?, host.try_clone().ok()?]);
    }
    // Told only now: who has heard of it may sever it at once.
    asked();
    let mut host = reached.ok()?;
    host.set_nodelay(true).ok()?;
    host.write_all(&alone(&head)).and_then(|()| host.write_all(&rest)).ok()?;
    let (mut from, mut to) = (client.try_clone().ok()?, host.try_clone().ok()?);
    let up = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        // The client went away; a process's stream would stay open for ever.
        let _ = to.shutdown(Shutdown::Both);
    });
    answer(&mut host, &mut client, limit, wait);
    if matches!(fault, Fault::Silence) {
        // Until the client has had enough.
        let _ = up.join();
        return None;
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = up.join();
    Some(())
}

fn answer(host: &mut TcpStream, client: &mut TcpStream, limit: usize, wait: Duration) {
    let (mut left, mut chunk, mut waited) = (limit, [0; 16 * 1024], false);
    while left > 0 || limit == 0 {
        let Ok(read @ 1..) = host.read(&mut chunk) else { return };
        if !std::mem::replace(&mut waited, true) {
            thread::sleep(wait);
        }
        if limit == 0 {
            return;
        }
        let passed = read.min(left);
        left -= passed;
        if client.write_all(&chunk[..passed]).is_err() {
            return;
        }
    }
}

fn head_of(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let read = client.read(&mut chunk).ok().filter(|read| *read > 0)?;
        seen.extend(&chunk[..read]);
        if let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = seen.split_off(end + 4);
            return Some((String::from_utf8_lossy(&seen).into_owned(), rest));
        }
    }
}

/// The same request, on a connection that serves nothing else.
fn alone(head: &str) -> Vec<u8> {
    let lines = head.trim_end().split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let lines: Vec<_> = lines.collect();
    format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n")).into_bytes()
}

fn call_of(head: &str) -> Call {
    let lower = head.to_ascii_lowercase();
    let port = lower.lines().find_map(|line| line.strip_prefix("e2b-sandbox-port: "));
    let line = head.lines().next().unwrap_or_default();
    match (port, line) {
        (Some("49983"), line) if line.starts_with("POST /files") => Call::Upload,
        (Some("49983"), line) if line.contains("/process.Process/Start") => Call::Start,
        (Some("49983"), line) if line.contains("/process.Process/Connect") => Call::Attach,
        (Some("49983"), _) => Call::Other,
        (Some(_), _) => Call::Visit,
        (None, line) if line.starts_with("POST /v2/sandboxes ") => Call::Create,
        (None, line) if line.starts_with("GET /v2/sandboxes?limit=1 ") => Call::Ping,
        (None, line) if line.starts_with("GET /v2/sandboxes?") => Call::List,
        (None, line) if line.contains("/timeout ") => Call::Timeout,
        (None, line) if line.starts_with("DELETE ") => Call::Kill,
        (None, line) if line.starts_with("GET /sandboxes/") => Call::Detail,
        (None, _) => Call::Other,
    }
}

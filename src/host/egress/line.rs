//! One sandbox's line: from the listening socket that PID 1 hands out to the end of its last connection.
//!
//! ```text
//!  Unopened ── rules let something out ──► Open { task } ──┐
//!      └──────────────── the sandbox ends ─────────────────┴──► Closed
//! ```
//! Rules that let nothing out any more leave the line open: a program that was told of the proxy is told by it why it
//! is refused.

use std::{
    io,
    net::{IpAddr, TcpListener as StdTcpListener},
    os::fd::OwnedFd,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use rustix::{
    net::{AddressFamily, SocketType, ipproto, sockopt},
    process::{Resource, getrlimit},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinHandle, JoinSet},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Config, Resolver, Traffic, environment, proxy, resolver, rules::Rules};
use crate::{
    host::{
        agent::{client::AgentClient, protocol::Op},
        error::AgentError,
    },
    types::Cidr,
};

/// Where programs inside find the proxy, unless one of them has taken the port before.
const PORT: u16 = 3128;
/// Connections of all sandboxes at once: each takes two descriptors, and at most a quarter of them is spent here.
const CONNECTIONS_ALL_MAX: u64 = 8192;
/// Descriptors per connection, times four.
const DESCRIPTORS_SHARE: u64 = 8;
/// Pause after an accept that failed for lack of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What bounds the connections of one sandbox.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// At once; more wait in the socket's backlog.
    pub connections: usize,
    /// Longest wait for a request's head, also for the next one on a connection that is kept.
    pub head: Duration,
    /// Longest silence of a server that was asked, before its answer.
    pub answer: Duration,
    /// Longest silence of a connection, both ways; it may last twice that.
    pub idle: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 64,
            head: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            idle: Duration::from_secs(300),
        }
    }
}

/// What the sandboxes of a host share on their way out.
#[derive(Debug)]
pub struct Exit {
    pub allow: Vec<Cidr>,
    pub bounds: Bounds,
    resolver: Resolver,
    lookups: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    certificates: Option<&'static str>,
}

impl Exit {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(CONNECTIONS_ALL_MAX * DESCRIPTORS_SHARE);
        let connections = (descriptors / DESCRIPTORS_SHARE).clamp(1, CONNECTIONS_ALL_MAX);
        Self {
            allow: config.allow.clone(),
            bounds: Bounds::default(),
            resolver: config.resolver.clone(),
            lookups: Arc::new(Semaphore::new(resolver::LOOKUPS_ALL_MAX)),
            connections: Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(1))),
            certificates: Some(environment::CERTIFICATES).filter(|path| Path::new(path).exists()),
        }
    }
}

/// Why a sandbox has no line.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the sandbox's first process gives no socket for the proxy")]
    Agent(#[from] AgentError),
    #[error("what the sandbox's first process gave is no listening socket on its loopback interface")]
    Stranger,
    #[error("the sandbox is gone")]
    Over,
}

/// The internet of one sandbox: its rules, its line and what went over it.
#[derive(Debug)]
pub struct Egress {
    exit: Arc<Exit>,
    rules: watch::Sender<Arc<Rules>>,
    traffic: Arc<Traffic>,
    /// Of the proxy inside; 0 when there is none.
    port: AtomicU16,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Unopened,
    Open { cut: CancellationToken, task: JoinHandle<()> },
    Closed,
}

impl Egress {
    #[must_use]
    pub fn new(exit: Arc<Exit>, rules: Rules) -> Self {
        Self {
            exit,
            rules: watch::Sender::new(Arc::new(rules)),
            traffic: Arc::default(),
            port: AtomicU16::new(0),
            state: Mutex::new(State::Unopened),
        }
    }

    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.borrow())
    }

    /// Takes effect at once: connections that the new rules forbid are cut.
    pub fn set_rules(&self, rules: Rules) {
        self.rules.send_replace(Arc::new(rules));
    }

    /// Bytes sent and received over the line, for whoever charges them.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The port of the proxy inside.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        Some(self.port.load(Ordering::Acquire)).filter(|port| *port > 0)
    }

    /// What tells programs inside of the proxy; nothing when there is none.
    pub fn environment(&self) -> impl Iterator<Item = (String, String)> {
        self.port().into_iter().flat_map(|port| environment::environment(port, self.exit.certificates))
    }

    /// Opens the line unless it is open. Must run inside of a tokio runtime; the line's task belongs to `tasks`.
    ///
    /// # Errors
    /// See [`OpenError`]; after [`OpenError::Stranger`] the sandbox is not to be trusted.
    pub async fn open(&self, agent: &AgentClient, tasks: &TaskTracker) -> Result<(), OpenError> {
        let mut state = self.state.lock().await;
        match *state {
            State::Unopened => {}
            State::Open { .. } => return Ok(()),
            State::Closed => return Err(OpenError::Over),
        }
        let (_, descriptors) = match agent.ask(Op::Listen { port: PORT }).await {
            Err(AgentError::Refused(refused)) if refused.errno == libc::EADDRINUSE => {
                agent.ask(Op::Listen { port: 0 }).await?
            }
            answered => answered?,
        };
        let (listener, port) = descriptors.into_iter().next().and_then(listener_of).ok_or(OpenError::Stranger)?;
        let line = Line::new(Arc::clone(&self.exit), self.rules.subscribe(), Arc::clone(&self.traffic));
        let cut = CancellationToken::new();
        let task = tasks.spawn(Arc::new(line).run(listener, cut.clone()));
        self.port.store(port, Ordering::Release);
        *state = State::Open { cut, task };
        Ok(())
    }

    /// Cuts all connections, for good. Nothing of the line is left when it returns.
    pub async fn close(&self) {
        let state = std::mem::replace(&mut *self.state.lock().await, State::Closed);
        match state {
            State::Unopened | State::Closed => {}
            State::Open { cut, task } => {
                cut.cancel();
                if task.await.is_err() {
                    tracing::error!("a sandbox's line to the internet panicked");
                }
            }
        }
    }
}

/// What the connections of one sandbox share.
#[derive(Debug)]
pub struct Line {
    pub exit: Arc<Exit>,
    pub rules: watch::Receiver<Arc<Rules>>,
    pub traffic: Arc<Traffic>,
    lookups: Arc<Semaphore>,
}

impl Line {
    #[must_use]
    pub fn new(exit: Arc<Exit>, rules: watch::Receiver<Arc<Rules>>, traffic: Arc<Traffic>) -> Self {
        Self { exit, rules, traffic, lookups: Arc::new(Semaphore::new(resolver::LOOKUPS_MAX)) }
    }

    /// # Errors
    /// Those of [`Resolver::resolve`].
    pub async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.exit.resolver.resolve(name, [&self.lookups, &self.exit.lookups]).await
    }

    /// Serves until `cut`; no connection is left then.
    pub async fn run(self: Arc<Self>, listener: TcpListener, cut: CancellationToken) {
        let mut connections = JoinSet::new();
        // Ends with the sandbox.
        loop {
            let room = connections.len() < self.exit.bounds.connections;
            tokio::select! {
                () = cut.cancelled() => break,
                Some(_) = connections.join_next() => {}
                (client, permit) = self.accept(&listener), if room => {
                    let line = Arc::clone(&self);
                    connections.spawn(async move {
                        proxy::serve(&line, client).await;
                        drop(permit);
                    });
                }
            }
        }
        connections.shutdown().await;
    }

    async fn accept(&self, listener: &TcpListener) -> (TcpStream, Option<OwnedSemaphorePermit>) {
        // Waits in turn with the other sandboxes. It is never closed, so there is always a permit.
        let permit = Arc::clone(&self.exit.connections).acquire_owned().await.ok();
        loop {
            match listener.accept().await {
                Ok((client, _)) => {
                    let _ = client.set_nodelay(true);
                    return (client, permit);
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }
}

/// A descriptor that came out of a sandbox, if it is what was asked for, and its port.
fn listener_of(socket: OwnedFd) -> Option<(TcpListener, u16)> {
    let is_listener = sockopt::socket_domain(&socket) == Ok(AddressFamily::INET)
        && sockopt::socket_type(&socket) == Ok(SocketType::STREAM)
        && sockopt::socket_protocol(&socket) == Ok(Some(ipproto::TCP))
        && sockopt::socket_acceptconn(&socket) == Ok(true);
    if !is_listener {
        return None;
    }
    let listener = StdTcpListener::from(socket);
    let address = listener.local_addr().ok().filter(|address| address.ip().is_loopback())?;
    listener.set_nonblocking(true).ok()?;
    Some((TcpListener::from_std(listener).ok()?, address.port()))
}

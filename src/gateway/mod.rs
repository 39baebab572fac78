//! The public front door: HTTPS in, an app's answers out.
//!
//! ```text
//!   visitor ──TLS──► door ──request──► visit ──► target: which app, sandbox or control plane does the host name mean?
//!                     │                  │            │
//!          certificates, one per name    │            ├─ none, not yet, over ──► page (404, 503, 410, …)
//!          signed by the authority       │            └─ live ──► upstream: connect ──► relay ──► sandbox host
//!                                        │                                                          │
//!                                        └◄── the app's answer, untouched; the host's own 502 as a page ◄┘
//! ```
//!
//! It holds no state about apps: every request reads the routes, so an app is reachable from the moment its session
//! says so. It answers in words of its own only when there is no answer of an app, and then always says which of
//! the many reasons it is.

mod address;
mod authority;
mod certificates;
mod door;
mod page;
mod shortcut;
mod target;
mod upstream;
mod visit;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_http::HttpService;
use actix_service::{ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App,
    dev::{AppConfig, Server, ServerHandle},
    rt, web,
};
use tokio::{net::TcpStream, sync::Semaphore, task::JoinError};
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

pub use address::{Domain, DomainError};
pub use authority::{Authority, AuthorityError};
use certificates::Certificates;
use door::{Connection, Door, Refused, ServerName};
pub use shortcut::{Shortcut, Visit, Visited};
use upstream::Connector;
use visit::Front;

use crate::{relay, routes::Routes, types::Addressing};

/// Between two requests on one connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// For the head of a connection's first request.
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// For a visitor to take note that a connection is over, before it is cut.
const DISCONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// For requests in flight when the gateway shuts down, in whole seconds. Event streams and tunnels never end by
/// themselves.
const SHUTDOWN_SECONDS: u64 = 3;
const WORKERS_MAX: usize = 64;

/// Settings of the gateway. The domain is the authority's.
#[derive(Clone, Debug)]
pub struct Config {
    /// `SPAWNAI_GATEWAY_LISTEN`. Port 0 takes any. `127.0.0.1` brings `[::1]` with it, where that is free.
    pub listen: SocketAddr,
    /// How the sandbox host is told which sandbox's which port.
    pub addressing: Addressing,
    /// A nearer way to the sandboxes of a host in this process, asked first.
    pub shortcut: Option<Shortcut>,
    /// Threads that serve visitors.
    pub workers: usize,
    /// Connections of visitors at once, and as many requests in flight.
    pub connections_max: usize,
    /// How long an app may think before its response head.
    pub answer_timeout: Duration,
}

impl Config {
    #[must_use]
    pub const fn new(addressing: Addressing) -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443),
            addressing,
            shortcut: None,
            workers: 2,
            connections_max: 4096,
            answer_timeout: relay::HEAD_TIMEOUT,
        }
    }
}

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("{0} is in use by another program: stop that, or choose another address with SPAWNAI_GATEWAY_LISTEN")]
    Taken(SocketAddr),
    #[error("cannot listen on {address} (SPAWNAI_GATEWAY_LISTEN)")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

/// A gateway that serves, until it is shut down or dropped.
pub struct Gateway {
    address: SocketAddr,
    handle: ServerHandle,
    server: AbortOnDropHandle<io::Result<()>>,
}

impl Gateway {
    /// Binds and begins to serve. Call it on an actix system.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub fn start(config: Config, routes: Routes, authority: Authority) -> Result<Self, GatewayError> {
        let listener = listen(config.listen)?;
        let address =
            listener.local_addr().map_err(|source| GatewayError::Listen { address: config.listen, source })?;
        let front = Front {
            domain: authority.domain().clone(),
            addressing: config.addressing,
            shortcut: config.shortcut,
            routes,
            connector: Connector::new()?,
            in_flight: Arc::new(Semaphore::new(config.connections_max.clamp(1, Semaphore::MAX_PERMITS))),
            answer_timeout: config.answer_timeout,
        };
        let (front, door) = (web::Data::new(front), Door::new(Certificates::new(authority))?);
        let workers = config.workers.clamp(1, WORKERS_MAX);
        let mut builder = Server::build()
            .workers(workers)
            .max_concurrent_connections(config.connections_max.div_ceil(workers).max(1))
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .disable_signals();
        let draining = builder.graceful_shutdown_signal();
        for listener in std::iter::once(listener).chain(also_on_ipv6(address)) {
            let (door, front, draining) = (door.clone(), front.clone(), draining.clone());
            builder = builder
                .listen("gateway", listener, move || {
                    let draining = draining.clone();
                    let drained = move || {
                        let draining = draining.clone();
                        async move { draining.notified().await }
                    };
                    service(door.clone(), front.clone(), drained)
                })
                .map_err(|source| GatewayError::Listen { address, source })?;
        }
        let server = builder.run();
        let handle = server.handle();
        info!(%address, "gateway listens");
        Ok(Self { address, handle, server: AbortOnDropHandle::new(rt::spawn(server)) })
    }

    /// Where it listens; the port is the real one.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more visitors, lets requests in flight end for at most 3 s, and cuts the rest.
    pub async fn shutdown(self) {
        self.handle.stop(true).await;
        let ended: Result<io::Result<()>, JoinError> = self.server.await;
        if let Ok(Err(err)) = ended {
            warn!(error = %err, "gateway did not end well");
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, GatewayError> {
    TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => GatewayError::Taken(address),
        _ => GatewayError::Listen { address, source },
    })
}

/// Browsers and resolvers may take `*.localhost` for either loopback address.
fn also_on_ipv6(address: SocketAddr) -> Option<TcpListener> {
    if address.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return None;
    }
    let twin = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), address.port());
    TcpListener::bind(twin)
        .inspect_err(|err| {
            warn!(address = %twin, error = %err, "not listening on IPv6: visitors whose resolver prefers it fail");
        })
        .ok()
}

fn service<S, F>(
    door: Door,
    front: web::Data<Front>,
    draining: S,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = Refused, InitError = ()>
where
    S: Fn() -> F + 'static,
    F: Future<Output = ()> + 'static,
{
    let app = App::new().app_data(front).default_service(web::to(visit::visit));
    let http = HttpService::build()
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(REQUEST_HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        // A visitor who hangs up while an app is silent is noticed by this alone.
        .h1_allow_half_closed(false)
        .graceful_shutdown_signal(draining)
        .on_connect_ext(|connection: &Connection, data| {
            data.insert(ServerName::of(connection));
        })
        .finish(map_config(app, |_| AppConfig::default()));
    fn_service(move |tcp: TcpStream| door.clone().admit(tcp)).and_then(http.map_err(Refused::Http))
}

//! HTTP through awc: connections, deadlines and bounds. Nothing here knows what is asked.
//!
//! ```text
//!   control plane ───► calls ──┐ short calls share connections, at most 100
//!   sandbox, near ───► calls ──┘
//!   process streams ─► streams   each its own connection for hours; no limit, no reuse
//!   sandbox, cloud ──► far[id]   each sandbox is a host of its own: its connections go when the sandbox goes
//!   gateway ─────────► fronted   likewise each app: its connections go with who visits it
//! ```
//! awc keeps idle connections per host name until that same host is asked again. In the cloud every sandbox has a host
//! name, so one shared client would gather dead sockets for ever: hence `far`, emptied by [`Connections::forget`].

use std::{cell::RefCell, collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use actix_tls::connect::ConnectInfo;
use actix_web::{
    dev::{Service as _, fn_service},
    error::ParseError,
    http::{Method, Uri, Version},
};
use awc::{
    ClientResponse, Connector,
    error::{ConnectError, SendRequestError},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use rustls::ClientConfig;
use tokio::time::timeout;

use super::{SandboxError, wire};
use crate::types::SandboxId;

/// Below the 5 s after which common servers close an idle connection, so that a call does not meet one being closed.
const IDLE_MAX: Duration = Duration::from_secs(3);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Sandboxes of the cloud with connections at once; past it the idle connections of one are closed early.
const FAR_MAX: usize = 512;

/// One HTTP request, ready to go.
pub(super) struct Call {
    /// For errors and logs: "creating a sandbox".
    pub doing: &'static str,
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// For everything: connecting, sending, the head and the whole body.
    pub limit: Duration,
    /// Of the answer's body; what is longer is cut off there.
    pub body_max: usize,
}

/// One HTTP answer, read to its end or to the bound.
pub(super) struct Reply {
    pub status: u16,
    pub headers: actix_web::http::header::HeaderMap,
    pub body: Bytes,
    pub truncated: bool,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The refusal that a status outside of 2xx is.
    pub(super) fn refusal(&self) -> SandboxError {
        let head = wire::Head {
            status: self.status,
            retry_after: self.header("retry-after"),
            should_retry: self.header("should-retry"),
        };
        wire::refusal(head, &self.body)
    }
}

/// All connections of one arbiter's client.
pub(super) struct Connections {
    pub calls: awc::Client,
    pub streams: awc::Client,
    far: RefCell<HashMap<SandboxId, awc::Client>>,
}

impl Connections {
    pub(super) fn new() -> Self {
        Self { calls: client(100, None), streams: client(0, None), far: RefCell::default() }
    }

    /// The connections of one sandbox that is a host of its own.
    pub(super) fn far(&self, sandbox: &SandboxId) -> awc::Client {
        let mut far = self.far.borrow_mut();
        if let Some(client) = far.get(sandbox) {
            return client.clone();
        }
        if far.len() >= FAR_MAX {
            let any = far.keys().next().cloned();
            any.and_then(|sandbox| far.remove(&sandbox));
        }
        let client = client(0, None);
        far.insert(sandbox.clone(), client.clone());
        client
    }

    pub(super) fn forget(&self, sandbox: &SandboxId) {
        self.far.borrow_mut().remove(sandbox);
    }
}

/// Whose name is asked for and whose address is connected to, when the two differ; and whom to trust there.
type Fronted = (SocketAddr, Arc<ClientConfig>);

/// Connects to `address` whatever name is asked for, and holds who answers there to that name.
pub(super) fn fronted(address: SocketAddr, tls: Arc<ClientConfig>) -> awc::Client {
    client(0, Some((address, tls)))
}

/// HTTP/1.1 only: one stream per connection keeps a slow log reader from holding up anybody else.
///
/// awc leaves Nagle's algorithm on, which holds a request's body back until its head is acknowledged: 40 ms on loopback.
fn client(connections_max: usize, front: Option<Fronted>) -> awc::Client {
    let tcp = actix_tls::connect::Connector::default().service();
    let address = front.as_ref().map(|(address, _)| *address);
    let connect = fn_service(move |to: ConnectInfo<Uri>| {
        let connecting = tcp.call(to.set_addr(address));
        async move {
            let connection = connecting.await?;
            // Slower without it, and nothing else.
            connection.io_ref().set_nodelay(true).ok();
            Ok(connection)
        }
    });
    let connector =
        Connector::new().connector(connect).limit(connections_max).timeout(CONNECT_MAX).conn_keep_alive(IDLE_MAX);
    let connector = match front {
        Some((_, tls)) => connector.rustls_0_23(tls),
        None => connector.max_http_version(Version::HTTP_11),
    };
    awc::Client::builder().connector(connector).disable_timeout().disable_redirects().no_default_headers().finish()
}

/// Sends and reads the whole answer.
pub(super) async fn send(client: &awc::Client, call: Call) -> Result<Reply, SandboxError> {
    let (doing, limit, body_max) = (call.doing, call.limit, call.body_max);
    let whole = async {
        let response = transmit(client, call, false).await?;
        read(response, doing, body_max).await
    };
    timeout(limit, whole).await.map_err(|_| SandboxError::Timeout { doing, after: limit })?
}

/// Sends and reads the head only: the body stays open as long as the response lives. The connection serves nothing else.
pub(super) async fn open(client: &awc::Client, call: Call) -> Result<ClientResponse, SandboxError> {
    let (doing, limit, body_max) = (call.doing, call.limit, call.body_max);
    let head = async {
        let response = transmit(client, call, true).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(read(response, doing, body_max).await?.refusal())
    };
    timeout(limit, head).await.map_err(|_| SandboxError::Timeout { doing, after: limit })?
}

async fn transmit(client: &awc::Client, call: Call, alone: bool) -> Result<ClientResponse, SandboxError> {
    let mut request = client.request(call.method, &call.url);
    for (name, value) in call.headers {
        request = request.insert_header((name, value));
    }
    if alone {
        request = request.force_close();
    }
    let sent = if call.body.is_empty() { request.send().await } else { request.send_body(call.body).await };
    sent.map_err(|error| lost(error, call.doing, &call.url))
}

async fn read(mut response: ClientResponse, doing: &'static str, body_max: usize) -> Result<Reply, SandboxError> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let (mut body, mut truncated) = (BytesMut::new(), false);
    while let Some(chunk) = response.next().await {
        let chunk = chunk.map_err(|error| SandboxError::Cut { doing, cause: error.to_string() })?;
        let room = body_max - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            truncated = true;
            break;
        }
    }
    let reply = Reply { status, headers, body: body.freeze(), truncated };
    // awc takes a connection that ends in mid-body for the end of the body.
    let announced = reply.header("content-length").and_then(|length| length.parse::<usize>().ok());
    match announced {
        Some(length) if !truncated && length > reply.body.len() && !reply.body.is_empty() => {
            Err(SandboxError::Cut { doing, cause: format!("{} of {length} bytes came", reply.body.len()) })
        }
        Some(_) | None => Ok(reply),
    }
}

fn lost(error: SendRequestError, doing: &'static str, url: &str) -> SandboxError {
    match error {
        // Of all connection errors only this one comes after the request was sent: the answer never came.
        SendRequestError::Connect(ConnectError::Disconnected) => {
            SandboxError::Cut { doing, cause: "the host closed the connection without an answer".to_owned() }
        }
        SendRequestError::Connect(cause) => {
            let authority = url.split('/').nth(2).unwrap_or(url);
            SandboxError::Unreachable { address: authority.to_owned(), cause: cause.to_string() }
        }
        SendRequestError::Timeout => SandboxError::Timeout { doing, after: CONNECT_MAX },
        SendRequestError::Url(_) | SendRequestError::Http(_) => {
            SandboxError::Invalid { reason: format!("{doing}: {error}") }
        }
        // The head of the answer broke off.
        SendRequestError::Response(ParseError::Io(_) | ParseError::Incomplete) => {
            SandboxError::Cut { doing, cause: error.to_string() }
        }
        SendRequestError::Response(_) => SandboxError::Protocol { doing, detail: error.to_string() },
        other => SandboxError::Cut { doing, cause: other.to_string() },
    }
}

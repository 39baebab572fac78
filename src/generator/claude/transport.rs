//! HTTP through awc for one arbiter: connections, deadlines and bounds. Nothing here knows what is asked.

use std::time::Duration;

use actix_tls::connect::ConnectInfo;
use actix_web::{
    dev::{Service as _, fn_service},
    http::{Method, Uri, Version},
};
use awc::{
    ClientResponse, Connector,
    error::{ConnectError, SendRequestError},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::ClaudeError;

const CONNECT_MAX: Duration = Duration::from_secs(10);
/// An idle connection saves a repair round its TLS handshake.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Calls at once: as many sessions as the larger plan has, and some to spare.
const CONNECTIONS_MAX: usize = 128;

/// One HTTP request.
pub(super) struct Call {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// HTTP/1.1, one answer per connection at a time, so that dropping an answer closes its connection.
///
/// awc leaves Nagle's algorithm on, which holds a request's body back until its head is acknowledged.
pub(super) fn connections() -> awc::Client {
    let tcp = actix_tls::connect::Connector::default().service();
    let connect = fn_service(move |to: ConnectInfo<Uri>| {
        let connecting = tcp.call(to);
        async move {
            let connection = connecting.await?;
            // Slower without it, and nothing else.
            connection.io_ref().set_nodelay(true).ok();
            Ok(connection)
        }
    });
    let connector = Connector::new()
        .connector(connect)
        .limit(CONNECTIONS_MAX)
        .timeout(CONNECT_MAX)
        .conn_keep_alive(IDLE_MAX)
        .max_http_version(Version::HTTP_11);
    awc::Client::builder().connector(connector).disable_timeout().disable_redirects().no_default_headers().finish()
}

/// Sends, and waits `limit` for the head of the answer.
pub(super) async fn send(client: &awc::Client, call: Call, limit: Duration) -> Result<ClientResponse, ClaudeError> {
    let mut request = client.request(call.method, &call.url);
    for (name, value) in call.headers {
        request = request.insert_header((name, value));
    }
    match timeout(limit, request.send_body(call.body)).await {
        Ok(sent) => sent.map_err(|error| lost(error, &call.url)),
        Err(_) => Err(ClaudeError::Silent(limit)),
    }
}

/// Reads a body of at most `max` bytes, with at most `idle` between its pieces; what is longer is cut off there.
pub(super) async fn read(response: &mut ClientResponse, max: usize, idle: Duration) -> Result<Bytes, ClaudeError> {
    let mut body = BytesMut::new();
    while let Some(piece) = next(response, idle).await? {
        let room = max - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() > room {
            break;
        }
    }
    Ok(body.freeze())
}

/// The next piece of a body; `None` is its end, or that of its connection: awc does not tell them apart.
pub(super) async fn next(response: &mut ClientResponse, idle: Duration) -> Result<Option<Bytes>, ClaudeError> {
    match timeout(idle, response.next()).await {
        Ok(piece) => piece.transpose().map_err(|error| ClaudeError::Cut { cause: error.to_string() }),
        Err(_) => Err(ClaudeError::Silent(idle)),
    }
}

/// Whether a body that may be there ends with its connection (RFC 9112, section 6.3): awc reads it as empty.
pub(super) fn is_unframed(response: &ClientResponse) -> bool {
    let framed = ["content-length", "transfer-encoding"].iter().any(|name| header(response, name).is_some());
    response.version() == Version::HTTP_11 && !framed
}

pub(super) fn header<'a>(response: &'a ClientResponse, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

fn lost(error: SendRequestError, url: &str) -> ClaudeError {
    match error {
        // Of all connection errors only this one comes after the request was sent.
        SendRequestError::Connect(ConnectError::Disconnected) => {
            ClaudeError::Cut { cause: "the server closed the connection without an answer".to_owned() }
        }
        SendRequestError::Connect(cause) => {
            // Without a name and password, should the address have them.
            let address = url.split('/').nth(2).and_then(|authority| authority.rsplit('@').next()).unwrap_or(url);
            ClaudeError::Unreachable { address: address.to_owned(), cause: cause.to_string() }
        }
        SendRequestError::Timeout => ClaudeError::Silent(CONNECT_MAX),
        SendRequestError::Response(error) => ClaudeError::Protocol { detail: error.to_string() },
        other => ClaudeError::Cut { cause: other.to_string() },
    }
}

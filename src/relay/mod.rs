//! Forwards one HTTP request over an already open byte stream, and brings the answer back.
//!
//! ```text
//!   visitor            actix-web worker                    next hop (a host, a sandbox's app)
//!      │  request head ──► headers::outbound ──► hyper ──────►│
//!      │  request body ──► RequestBody ────────► driver ─────►│   streamed, with back-pressure
//!      │◄── headers::inbound ◄────────────────── driver ◄─────│  response head, within a deadline
//!      │◄── ResponseBody ◄────────────────────── driver ◄─────│  streamed, with no deadline
//!      │
//!      │  101: the driver ends and gives the stream back
//!      │══ Tunnel ══════════════════════════════ raw bytes ══►│   WebSocket frames are never re-framed
//! ```
//!
//! Whoever calls opens the stream, so this box knows nothing of addresses, TLS, sandboxes or error pages.
//! HTTP/1.1 to the next hop is hyper's; what is ours is the translation at both ends: the headers that belong to
//! one connection only stay on it, and a body is neither collected nor copied on its way through.
//!
//! The driver is a task and not a part of the response body, because an app may read its request while its visitor
//! does not yet read the answer. Its owner is the response body: a visitor who goes away drops the body (over HTTP/2
//! with some help, see `departure`), which aborts the driver, which closes the stream.

mod body;
mod departure;
mod error;
mod headers;
mod patient;
mod tunnel;

use std::{cell::Cell, future::Future, pin::pin, time::Duration};

use actix_web::{HttpRequest, HttpResponse, body::BodySize, rt, web};
use http::{HeaderName, HeaderValue, StatusCode, uri::PathAndQuery};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, Parts},
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::AbortOnDropHandle;

use body::{Awaited, RequestBody, ResponseBody};
use departure::Departure;
pub use error::RelayError;
use headers::Intent;
use patient::Patient;

/// How long the next hop may think before its response head, unless the caller says otherwise.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// What one connection to a next hop may buffer of a response, in bytes. hyper starts at 8 KiB and grows on demand.
const BUFFER_MAX: usize = 256 * 1024;

/// What changes in a request's head on its way through.
#[derive(Clone, Debug)]
pub struct Head {
    /// The `Host` that the next hop is told.
    pub host: HeaderValue,
    /// Put onto the request after [`remove`](Self::remove) was asked; replaces headers of the same name.
    pub add: Vec<(HeaderName, HeaderValue)>,
    /// Each tells whether a header of the visitor (its name in lower case) must not reach the next hop. The headers of
    /// a single connection (`Connection` and what it lists, `Keep-Alive`, `TE`, …) never do.
    pub remove: Vec<fn(&str) -> bool>,
    /// Path and query for the next hop; the visitor's own when `None`.
    pub path: Option<PathAndQuery>,
    /// How long the next hop may keep everybody waiting before its response head. Time in which the visitor is still
    /// sending, or has not sent yet, does not count.
    pub timeout: Duration,
}

impl Head {
    /// Changes nothing but the `Host`.
    #[must_use]
    pub fn to(host: HeaderValue) -> Self {
        Self { host, add: Vec::new(), remove: Vec::new(), path: None, timeout: HEAD_TIMEOUT }
    }

    /// Whether a header of the visitor, its name in lower case, must not reach the next hop.
    #[must_use]
    pub fn removes(&self, name: &str) -> bool {
        self.remove.iter().any(|removes| removes(name))
    }
}

type Driver<I> = AbortOnDropHandle<hyper::Result<Parts<TokioIo<Patient<I>>>>>;

/// Sends `request` over `io` and returns the next hop's answer, its body still on the way.
///
/// `io` serves this one request, and is closed when the returned body ends or is dropped. A WebSocket handshake that
/// the next hop accepts becomes a tunnel for as long as both sides want it. Upgrades to other protocols are not
/// offered to the next hop, as RFC 9110 §7.8 leaves a proxy free to do.
///
/// Runs on an actix (`LocalSet`) runtime.
///
/// # Errors
/// See [`RelayError`]; no byte of an answer has reached the visitor then. A next hop that breaks off inside of a body
/// breaks off the visitor's body too.
pub async fn forward<I>(
    request: &HttpRequest,
    payload: web::Payload,
    io: I,
    head: Head,
) -> Result<HttpResponse, RelayError>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let intent = Intent::of(request)?;
    let payload = payload.into_inner();
    let (body, visitor) = match intent {
        Intent::Exchange => (RequestBody::of(request, payload).await?, None),
        Intent::WebSocket => (RequestBody::empty(), Some(payload)),
    };
    let awaited = body.awaited();
    let multiplexed = request.version() == actix_web::http::Version::HTTP_2;
    let mut departure = Departure::of(multiplexed.then(|| body.spent()));
    let outbound = headers::outbound(request, intent, &head)?.map(|()| body);
    let handshake = http1::Builder::new()
        .max_buf_size(BUFFER_MAX)
        // As browsers write names over HTTP/1, and the proxy of E2B's cloud: some apps look for `Host:` to the letter.
        .title_case_headers(true)
        .handshake(TokioIo::new(Patient::new(io)))
        .await;
    let (mut sender, connection) = handshake.map_err(RelayError::of)?;
    let driver: Driver<I> = AbortOnDropHandle::new(rt::spawn(connection.without_shutdown()));
    let answer = tokio::select! {
        answer = head_in_time(sender.send_request(outbound), &awaited, head.timeout) => answer?,
        () = departure.wait() => return Err(RelayError::Visitor(None)),
    };
    match (answer.status(), visitor) {
        (StatusCode::SWITCHING_PROTOCOLS, Some(visitor)) => {
            let parts = driver.await.map_err(|_| RelayError::Closed(None))?.map_err(RelayError::of)?;
            let mut response = HttpResponse::SwitchingProtocols();
            headers::inbound(&answer, &mut response, BodySize::Stream);
            response.upgrade("websocket");
            Ok(response.body(tunnel::open(parts.io.into_inner().into_inner(), parts.read_buf, visitor)))
        }
        (StatusCode::SWITCHING_PROTOCOLS, None) => Err(RelayError::BadResponse(None)),
        (_, visitor) => answered(request, answer, departure, driver, visitor.is_some()),
    }
}

/// An ordinary answer: its head now, its body as it comes.
fn answered<I: 'static>(
    request: &HttpRequest,
    answer: http::Response<Incoming>,
    departure: Departure,
    driver: Driver<I>,
    refused_tunnel: bool,
) -> Result<HttpResponse, RelayError> {
    let size = body::size_of(&answer, request.method() == actix_web::http::Method::HEAD);
    let status = actix_web::http::StatusCode::from_u16(answer.status().as_u16());
    let mut response = HttpResponse::build(status.map_err(|_| RelayError::BadResponse(None))?);
    headers::inbound(&answer, &mut response, size);
    let mut response = response.body(ResponseBody::new(answer.into_body(), size, departure, driver));
    // Neither an HTTP/1.0 visitor nor actix's codec after a WebSocket request can do chunks: the end of the
    // connection ends such a body.
    if refused_tunnel || request.version() < actix_web::http::Version::HTTP_11 {
        response.head_mut().no_chunking(true);
        response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    Ok(response)
}

/// Waits for a response head, but not longer than `limit` since the next hop became the one that is waited for.
async fn head_in_time<F>(
    answer: F,
    awaited: &Cell<Awaited>,
    limit: Duration,
) -> Result<http::Response<Incoming>, RelayError>
where
    F: Future<Output = hyper::Result<http::Response<Incoming>>>,
{
    let mut answer = pin!(answer);
    let mut wait = limit;
    // Ends: every round waits, and only a visitor who still sends brings another one.
    loop {
        match tokio::time::timeout(wait, &mut answer).await {
            Ok(answer) => return answer.map_err(RelayError::of),
            Err(_elapsed) => match awaited.get() {
                Awaited::Visitor => wait = limit,
                Awaited::NextHop { since } => {
                    wait = limit.saturating_sub(since.elapsed());
                    if wait.is_zero() {
                        return Err(RelayError::HeadTimeout(limit));
                    }
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;

//! One connection of a program inside: HTTP/1.1 requests to be forwarded, or one CONNECT.
//!
//! hyper reads and writes the heads on both sides, so that what one side takes for the end of a request the other
//! takes for it, too.

use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONNECTION, CONTENT_TYPE, HOST},
};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http1 as client,
    server::conn::http1 as server,
    service::service_fn,
    upgrade::OnUpgrade,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::{io::copy_bidirectional_with_sizes, net::TcpStream};
use url::Host;

use super::{
    counted::{Counted, Traffic},
    dial::{DialError, Dialled, Licence, dial},
    line::Line,
};

/// Largest head of a request or an answer, and most that is read ahead of a body, in bytes.
const HEAD_MAX: usize = 64 * 1024;
/// Header fields of one head.
const FIELDS_MAX: usize = 128;
/// Buffer of each direction of a tunnel, in bytes.
const TUNNEL_BUFFER: usize = 16 * 1024;

/// Headers that speak about one connection, and so end with it (RFC 9110 §7.6.1; the rest by long custom). `Expect` is
/// among them because hyper answers it.
const HOP_BY_HOP: [HeaderName; 11] = [
    CONNECTION,
    http::header::EXPECT,
    HeaderName::from_static("keep-alive"),
    http::header::PROXY_AUTHENTICATE,
    http::header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    http::header::TE,
    http::header::TRAILER,
    http::header::TRANSFER_ENCODING,
    http::header::UPGRADE,
    HeaderName::from_static("http2-settings"),
];

/// What a request to the proxy got instead of an answer.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(
        "this is the sandbox's way to the internet, an HTTP proxy: it takes CONNECT host:port and requests for http:// addresses"
    )]
    NotForAProxy,
    #[error("the address that was asked for is not valid")]
    BadTarget,
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("{0} gave no valid HTTP answer")]
    BadAnswer(String),
    #[error("{0} did not answer in time")]
    NoAnswer(String),
}

impl Refused {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotForAProxy | Self::BadTarget => StatusCode::BAD_REQUEST,
            Self::Dial(DialError::Denied { .. }) => StatusCode::FORBIDDEN,
            Self::Dial(DialError::Unresolved { .. } | DialError::Unreachable { .. }) | Self::BadAnswer(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::Dial(DialError::Silent { .. }) | Self::NoAnswer(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn response(&self) -> Response<Answer> {
        let status = self.status();
        let mut said = json!({ "code": status.as_u16(), "message": self.to_string() });
        if let Self::Dial(DialError::Denied { denied, .. }) = self {
            said["rule"] = denied.rule().into();
        }
        let mut response = Response::new(Answer::Said(Some(Bytes::from(said.to_string()))));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// One connection, as its requests see it.
struct Visit {
    line: Arc<Line>,
    /// What the program inside and the proxy said to one another, whichever way.
    activity: Arc<Traffic>,
    tunnel: Mutex<Option<(OnUpgrade, Dialled)>>,
}

/// Serves a connection to its end, which silence is as well.
pub async fn serve(line: &Arc<Line>, client: TcpStream) {
    let activity = Arc::new(Traffic::default());
    let visit = Arc::new(Visit { line: Arc::clone(line), activity: Arc::clone(&activity), tunnel: Mutex::new(None) });
    let bounds = line.exit.bounds;
    tokio::select! {
        () = converse(&visit, Counted::new(client, Arc::clone(&activity))) => {}
        () = activity.ceases(bounds.idle) => {}
    }
}

async fn converse(visit: &Arc<Visit>, client: Counted<TcpStream>) {
    let service = service_fn(|request| {
        let visit = Arc::clone(visit);
        async move { Ok::<_, Infallible>(answer(&visit, request).await.unwrap_or_else(|refused| refused.response())) }
    });
    let served = server::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(visit.line.exit.bounds.head)
        .max_buf_size(HEAD_MAX)
        .max_headers(FIELDS_MAX)
        .serve_connection(TokioIo::new(client), service)
        .with_upgrades()
        .await;
    if let Err(err) = served {
        // Its program's own doing, or the end of it: nobody else is concerned.
        tracing::trace!(error = %err, "a connection to the proxy broke off");
        return;
    }
    let tunnel = visit.tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((upgrade, dialled)) = tunnel
        && let Ok(upgraded) = upgrade.await
    {
        let mut upstream = Counted::new(dialled.stream, Arc::clone(&visit.line.traffic));
        let mut inside = TokioIo::new(upgraded);
        tokio::select! {
            _ = copy_bidirectional_with_sizes(&mut inside, &mut upstream, TUNNEL_BUFFER, TUNNEL_BUFFER) => {}
            () = dialled.licence.revoked() => {}
        }
    }
}

async fn answer(visit: &Visit, mut request: Request<Incoming>) -> Result<Response<Answer>, Refused> {
    if request.method() == Method::CONNECT {
        let (host, port) = target(request.uri(), None)?;
        let dialled = dial(&visit.line, &host, port).await?;
        let upgrade = hyper::upgrade::on(&mut request);
        *visit.tunnel.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, dialled));
        return Ok(Response::new(Answer::Said(None)));
    }
    if request.uri().scheme_str() != Some("http") {
        return Err(Refused::NotForAProxy);
    }
    const HTTP: u16 = 80;
    let (host, port) = target(request.uri(), Some(HTTP))?;
    let authority = if port == HTTP { host.to_string() } else { format!("{host}:{port}") };
    let dialled = dial(&visit.line, &host, port).await?;
    forward(visit, request, dialled, authority).await
}

fn target(uri: &Uri, default_port: Option<u16>) -> Result<(Host, u16), Refused> {
    let authority = uri.authority().ok_or(Refused::NotForAProxy)?;
    // Reads an address in any spelling that a resolver would take for one, so it is decided on as one.
    let host = Host::parse(authority.host()).map_err(|_| Refused::BadTarget)?;
    let port = authority.port_u16().or(default_port).filter(|port| *port > 0).ok_or(Refused::BadTarget)?;
    Ok((host, port))
}

async fn forward(
    visit: &Visit,
    mut request: Request<Incoming>,
    dialled: Dialled,
    authority: String,
) -> Result<Response<Answer>, Refused> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = path.parse().map_err(|_| Refused::BadTarget)?;
    *request.uri_mut() = path;
    *request.version_mut() = http::Version::HTTP_11;
    remove_hop_by_hop(request.headers_mut());
    let host = HeaderValue::from_str(&authority).map_err(|_| Refused::BadTarget)?;
    request.headers_mut().insert(HOST, host);
    let upstream = TokioIo::new(Counted::new(dialled.stream, Arc::clone(&visit.line.traffic)));
    let bad_answer = |_| Refused::BadAnswer(authority.clone());
    let (mut sender, connection) = client::Builder::new()
        .max_buf_size(HEAD_MAX)
        .max_headers(FIELDS_MAX)
        .handshake(upstream)
        .await
        .map_err(bad_answer)?;
    let mut driver = Driver::of(connection, dialled.licence);
    let asked = sender.send_request(request);
    let answered = tokio::select! {
        // Its end is heard through `asked`, too.
        answered = driven(&mut driver, asked) => answered.map_err(bad_answer)?,
        () = visit.activity.ceases(visit.line.exit.bounds.answer) => return Err(Refused::NoAnswer(authority)),
    };
    let (mut head, incoming) = answered.into_parts();
    remove_hop_by_hop(&mut head.headers);
    Ok(Response::from_parts(head, Answer::Forwarded(incoming, driver)))
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&listed) {
        headers.remove(name);
    }
}

/// What moves the bytes of a connection to a server, as long as the rules let it.
struct Driver {
    /// `None` once it has ended.
    connection: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Driver {
    fn of(connection: client::Connection<TokioIo<Counted<TcpStream>>, Incoming>, licence: Licence) -> Self {
        let driven = async move {
            tokio::select! {
                _ = connection => {}
                () = licence.revoked() => {}
            }
        };
        Self { connection: Some(Box::pin(driven)) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) {
        if self.connection.as_mut().is_some_and(|connection| connection.as_mut().poll(cx).is_ready()) {
            // Dropped, so that whoever waits for the rest of an answer hears that there is none.
            self.connection = None;
        }
    }
}

/// Waits for `work`, and moves the bytes meanwhile.
async fn driven<T>(driver: &mut Driver, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|cx| {
        driver.poll(cx);
        work.as_mut().poll(cx)
    })
    .await
}

/// The body of an answer.
enum Answer {
    /// In the proxy's own words.
    Said(Option<Bytes>),
    Forwarded(Incoming, Driver),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Said(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Forwarded(incoming, driver) => {
                driver.poll(cx);
                Pin::new(incoming).poll_frame(cx).map_err(io::Error::other)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Said(bytes) => bytes.is_none(),
            Self::Forwarded(incoming, _) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Said(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Forwarded(incoming, _) => incoming.size_hint(),
        }
    }
}

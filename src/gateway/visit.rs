//! One request of one visitor: find the app, pass the request on, see whether the answer is the app's own.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{self, BodySize, BoxBody, MessageBody},
    http::{StatusCode, header},
    web,
};
use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{debug, warn};

use super::{
    address::Domain,
    door::ServerName,
    page::{Format, Problem},
    shortcut::{Shortcut, Visit, Visited},
    target::{self, Target},
    upstream::Connector,
};
use crate::{
    relay::{self, RelayError},
    routes::Routes,
    types::{Addressing, PASS_HEADER, PROBLEM_HEADER, Port, RequestId},
};

/// All header names and values of a request together, in bytes.
const HEAD_MAX: usize = 64 * 1024;
/// How the embedded host marks an answer of its own: `sandbox-not-found`, `port-closed`, `app-failed` or `app-answer-invalid`.
const HOST_MARK: &str = "x-spawnai-host";
/// Longest answer of the cloud's own that is looked into, in bytes.
const CLOUD_ANSWER_MAX: u64 = 4 * 1024;

/// What every request needs to know.
pub(super) struct Front {
    pub(super) domain: Domain,
    pub(super) addressing: Addressing,
    pub(super) shortcut: Option<Shortcut>,
    pub(super) routes: Routes,
    pub(super) connector: Connector,
    /// A permit for each request in flight.
    pub(super) in_flight: Arc<Semaphore>,
    /// How long an app may think before its response head.
    pub(super) answer_timeout: Duration,
}

/// The service of every request that comes in through the door.
pub(super) async fn visit(request: HttpRequest, payload: web::Payload, front: web::Data<Front>) -> HttpResponse {
    match front.answer(&request, payload).await {
        Ok(response) => {
            let tunnel = response.status() == StatusCode::SWITCHING_PROTOCOLS;
            count(if tunnel { "tunnel" } else { "relayed" });
            response
        }
        Err(problem) => {
            count(problem.code());
            page(&problem, &request)
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("spawnai_gateway_requests_total", "outcome" => outcome).increment(1);
}

impl Front {
    async fn answer(&self, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
        let host = target::host(request).ok_or(Problem::BadRequest { what: "it names no host" })?;
        if head_size(request) > HEAD_MAX {
            return Err(Problem::HeadTooLarge { limit: HEAD_MAX });
        }
        let opened_for = request.conn_data::<ServerName>().and_then(|ServerName(name)| name.as_deref());
        let pass = request.headers().get(PASS_HEADER).map(header::HeaderValue::as_bytes);
        let target = Target::of(host, opened_for, pass, &self.domain, &self.routes)?;
        let permit = Arc::clone(&self.in_flight).try_acquire_owned().map_err(|_| Problem::Busy)?;

        let head = target.head(host, request.peer_addr(), self.answer_timeout)?;
        let response = self.relayed(&target, request, payload, head).await?;
        let mut response = self.judged(response, &target, format(request)).await?;
        keep_to_itself(response.headers_mut());
        let tunnel = (response.status() == StatusCode::SWITCHING_PROTOCOLS).then(OpenTunnel::new);
        Ok(response.map_body(|_, body| Exchange { body, _permit: permit, _tunnel: tunnel }.boxed()))
    }

    /// The answer of the app, or of the host in its place.
    async fn relayed(
        &self,
        target: &Target,
        request: &HttpRequest,
        mut payload: web::Payload,
        head: relay::Head,
    ) -> Result<HttpResponse, Problem> {
        let unanswered = |err: RelayError| {
            debug!(?target, error = %err, "no answer to relay");
            problem_of(&err)
        };
        if let (Some(shortcut), Some((sandbox, port))) = (&self.shortcut, target.inside()) {
            let (sandbox, request, head) = (sandbox.clone(), request.clone(), head.clone());
            match shortcut.take(Visit { sandbox, port, request, payload, head }).await {
                Visited::Answered(answer) => return answer.map_err(unanswered),
                Visited::NotThisWay(untouched) => payload = untouched,
            }
        }
        let upstream = target.upstream(&self.addressing, &self.domain)?;
        let stream = self.connector.open(&upstream).await.map_err(|err| {
            warn!(?target, address = upstream.address, error = %err, "sandbox host unreachable");
            Problem::HostUnreachable
        })?;
        let head = target::toward(&upstream, head)?;
        relay::forward(request, payload, stream, head).await.map_err(unanswered)
    }

    /// Tells an app's 502 from one that the sandbox's host gives in place of the app. The host's own reaches only
    /// those who asked for the sandbox by its id, and not for a page: the E2B SDKs read it.
    async fn judged(
        &self,
        mut response: HttpResponse,
        target: &Target,
        format: Format,
    ) -> Result<HttpResponse, Problem> {
        let mark = response.headers_mut().remove(HOST_MARK).next();
        let port = match (target, format) {
            (Target::ControlPlane, _) | (Target::Port { .. }, Format::Json) => return Ok(response),
            (Target::Port { port, .. }, Format::Html) | (Target::App { port, .. }, _) => *port,
        };
        if response.status() != StatusCode::BAD_GATEWAY {
            return Ok(response);
        }
        match (&self.addressing, mark.as_ref().map(header::HeaderValue::as_bytes)) {
            (_, Some(b"sandbox-not-found")) => Err(Problem::SandboxGone),
            (_, Some(b"port-closed")) => Err(Problem::PortClosed { port }),
            (_, Some(b"app-failed")) => Err(Problem::NoAnswer),
            (_, Some(b"app-answer-invalid")) => Err(Problem::BadAnswer),
            (Addressing::Headers { .. }, Some(_) | None) => Ok(response),
            (Addressing::Wildcard { .. }, Some(_) | None) => judged_by_body(response, port).await,
        }
    }
}

/// Takes from an answer what would reach beyond its own app: cookies for the whole domain, which all other apps would be
/// sent, and word of another server.
fn keep_to_itself(headers: &mut header::HeaderMap) {
    headers.remove(header::ALT_SVC);
    // The gateway's own word.
    headers.remove(PROBLEM_HEADER);
    let cookies: Vec<_> = headers.remove(header::SET_COOKIE).collect();
    for cookie in cookies {
        // One that is no text cannot be judged, and is not set.
        if let Some(narrowed) = cookie.to_str().ok().and_then(|text| narrow(text).parse().ok()) {
            headers.append(header::SET_COOKIE, narrowed);
        }
    }
}

/// A cookie without its `Domain` (RFC 6265 §5.2.3), so that it goes back to its own host only.
fn narrow(cookie: &str) -> String {
    let is_domain = |part: &str| {
        part.trim_start().get(..6).is_some_and(|name| name.eq_ignore_ascii_case("domain"))
            && part.trim_start()[6..].trim_start().starts_with('=')
    };
    let mut parts = cookie.split(';');
    let pair = parts.next().unwrap_or_default();
    parts.filter(|part| !is_domain(part)).fold(pair.to_owned(), |kept, part| kept + ";" + part)
}

/// The cloud marks an answer of its own by nothing but its shape.
async fn judged_by_body(response: HttpResponse, port: Port) -> Result<HttpResponse, Problem> {
    let json = response.headers().get(header::CONTENT_TYPE);
    let json = json.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let small = matches!(response.body().size(), BodySize::Sized(size) if size <= CLOUD_ANSWER_MAX);
    if !json || !small {
        return Ok(response);
    }
    let (response, body) = response.into_parts();
    let body = body::to_bytes(body).await.map_err(|_| Problem::NoAnswer)?;
    match cloud_problem(&body, port) {
        Some(problem) => Err(problem),
        None => Ok(response.set_body(body).map_into_boxed_body()),
    }
}

/// `{"sandboxId","message","code":502}`, where the message is "The sandbox was not found" or ends with "port is not open".
fn cloud_problem(body: &[u8], port: Port) -> Option<Problem> {
    #[derive(serde::Deserialize)]
    struct Own {
        #[serde(rename = "sandboxId")]
        _sandbox_id: String,
        message: String,
        code: u16,
    }
    let own: Own = serde_json::from_slice(body).ok()?;
    let closed = own.message.contains("port is not open");
    (own.code == 502).then_some(if closed { Problem::PortClosed { port } } else { Problem::SandboxGone })
}

fn problem_of(error: &RelayError) -> Problem {
    match error {
        RelayError::Closed(_) => Problem::NoAnswer,
        RelayError::BadResponse(_) => Problem::BadAnswer,
        RelayError::HeadTimeout(after) => Problem::Timeout { after: *after },
        RelayError::Visitor(_) => Problem::BadRequest { what: "its body ended early" },
        RelayError::Unforwardable(what) => Problem::BadRequest { what },
    }
}

fn head_size(request: &HttpRequest) -> usize {
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    headers.sum::<usize>() + request.uri().path_and_query().map_or(0, |path| path.as_str().len())
}

fn format(request: &HttpRequest) -> Format {
    Format::of(request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()))
}

fn page(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let id = id.unwrap_or_else(RequestId::generate);
    let page = problem.page(format(request), &id);
    let mut response = HttpResponse::build(page.status);
    response
        .content_type(page.content_type)
        .insert_header((PROBLEM_HEADER, problem.code()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "accept"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header(("x-request-id", id.as_str()));
    if let Some(seconds) = page.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    response.body(page.body)
}

/// An answer on its way, and all that it holds until it is over.
struct Exchange {
    body: BoxBody,
    _permit: OwnedSemaphorePermit,
    _tunnel: Option<OpenTunnel>,
}

impl MessageBody for Exchange {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// One of `spawnai_gateway_open_tunnels`.
struct OpenTunnel;

impl OpenTunnel {
    fn new() -> Self {
        metrics::gauge!("spawnai_gateway_open_tunnels").increment(1.0);
        Self
    }
}

impl Drop for OpenTunnel {
    fn drop(&mut self) {
        metrics::gauge!("spawnai_gateway_open_tunnels").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_stays_with_the_app_that_set_it() {
        assert_eq!(narrow("a=1; Path=/; domain =localhost;Secure"), "a=1; Path=/;Secure");
        assert_eq!(narrow("domain=1; DOMAIN=.example.com"), "domain=1");
        assert_eq!(narrow("a=1; Domainish=x; HttpOnly"), "a=1; Domainish=x; HttpOnly");
    }

    #[test]
    fn open_tunnels_and_outcomes_are_counted() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let seen = |line: &str| recorder.handle().render().lines().any(|rendered| rendered == line);
        metrics::with_local_recorder(&recorder, || {
            let tunnel = OpenTunnel::new();
            count("tunnel");
            assert!(seen("spawnai_gateway_open_tunnels 1"), "{}", recorder.handle().render());
            drop(tunnel);
            assert!(seen("spawnai_gateway_open_tunnels 0"), "{}", recorder.handle().render());
            assert!(seen("spawnai_gateway_requests_total{outcome=\"tunnel\"} 1"), "{}", recorder.handle().render());
        });
    }

    #[test]
    fn only_the_clouds_own_502_is_its_own() {
        let port = Port::new(3000).unwrap();
        let of = |body: &str| cloud_problem(body.as_bytes(), port);
        let gone = r#"{"sandboxId":"i1","message":"The sandbox was not found","code":502}"#;
        assert_eq!(of(gone), Some(Problem::SandboxGone));
        let closed =
            r#"{"sandboxId":"i1","message":"The sandbox is running but port is not open","port":3000,"code":502}"#;
        assert_eq!(of(closed), Some(Problem::PortClosed { port }));
        for apps in [r#"{"error":"upstream"}"#, r#"{"sandboxId":"i1","message":"x","code":500}"#, "[]", "", "502"] {
            assert_eq!(of(apps), None, "{apps}");
        }
    }
}

//! What happens to every request, whatever its route: who may come in, and its name.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use serde_json::json;

use super::error::{ApiError, Unsigned};
use crate::types::{Category, Failure, RequestId};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Checks and numbers requests. One per server.
#[derive(Clone)]
pub struct Door {
    inner: Arc<Inner>,
}

struct Inner {
    /// The engine listens where only this machine reaches it, so nobody has a reason to come by another name.
    loopback: bool,
    allowed_origins: Vec<String>,
    prefix: String,
    count: AtomicU64,
}

impl Door {
    #[must_use]
    pub fn new(listen: SocketAddr, allowed_origins: Vec<String>) -> Self {
        // A random prefix for the process and a count: unique without asking for randomness at each request.
        let prefix = RequestId::generate().as_str()[..20].to_owned();
        let loopback = listen.ip().is_loopback();
        Self { inner: Arc::new(Inner { loopback, allowed_origins, prefix, count: AtomicU64::new(1) }) }
    }

    fn request_id(&self, headers: &HeaderMap) -> String {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given.and_then(|text| text.parse::<RequestId>().ok()) {
            Some(id) => id.into(),
            None => format!("{}{:x}", self.inner.prefix, self.inner.count.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// A page on another site must not drive the engine through its visitor's browser: not under a foreign name that
    /// resolves to us (DNS rebinding), and not from a foreign origin (WebSockets know no preflight).
    fn refuse(&self, headers: &HeaderMap) -> Option<ApiError> {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let host = text(header::HOST).unwrap_or_default();
        if self.inner.loopback && !is_local_name(host) {
            let message = format!("the engine listens on this machine only, and does not answer to the name {host:?}");
            return Some(ApiError::new(
                StatusCode::MISDIRECTED_REQUEST,
                Failure::new("wrong_host", Category::User, message),
            ));
        }
        let origin = text(header::ORIGIN)?;
        let same = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
        if same || self.inner.allowed_origins.iter().any(|allowed| allowed == "*" || allowed == origin) {
            return None;
        }
        let message = format!("requests from {origin:?} are not allowed; add it to SPAWNAI_CORS_ORIGINS to trust it");
        Some(ApiError::new(StatusCode::FORBIDDEN, Failure::new("foreign_origin", Category::User, message)))
    }
}

fn is_local_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

/// The middleware: `App::wrap(from_fn(close_door))` with a [`Door`] in the app's data.
///
/// # Errors
/// None of its own: what goes wrong becomes an answer.
pub async fn close_door(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(door) = request.app_data::<actix_web::web::Data<Door>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let id = door.request_id(request.headers());
    if let Some(refusal) = door.refuse(request.headers()) {
        let (request, _) = request.into_parts();
        let response = ServiceResponse::new(request, HttpResponse::from_error(refusal));
        return Ok(sign(response, &id));
    }
    // What handlers refuse comes back as an answer; an error here is a middleware's own, and has no request any more.
    Ok(sign(next.call(request).await?.map_into_boxed_body(), &id))
}

/// Puts the request's id into the header, and writes the body of an error that waits for it.
fn sign(mut response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status();
    if status.as_u16() < 400 {
        return response;
    }
    let waiting = response.response().extensions().get::<Unsigned>().cloned();
    let signed = match waiting {
        Some(unsigned) => Unsigned { request_id: id.to_owned(), ..unsigned },
        // An answer of the framework's own: a bad request line, a broken query.
        None if response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain")) =>
        {
            framework_error(status, &response, id)
        }
        None => return response,
    };
    metrics::counter!("spawnai_http_refusals_total", "code" => signed.code.clone()).increment(1);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.map_body(|_, _| BoxBody::new(json!({ "error": signed }).to_string()))
}

fn framework_error(status: StatusCode, response: &ServiceResponse<BoxBody>, id: &str) -> Unsigned {
    let cause = response.response().error().map(ToString::to_string);
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        status if status.is_server_error() => "internal",
        _ => "invalid_request",
    };
    Unsigned {
        code: code.to_owned(),
        message: cause.unwrap_or_else(|| status.canonical_reason().unwrap_or("the request failed").to_owned()),
        category: if status.is_server_error() { Category::System } else { Category::User },
        retryable: false,
        request_id: id.to_owned(),
        details: json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
    }

    fn door() -> Door {
        Door::new("127.0.0.1:0".parse().unwrap(), vec!["https://console.example".to_owned()])
    }

    #[test]
    fn local_names_come_in() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"] {
            assert!(door().refuse(&headers(&[("host", host)])).is_none(), "{host}");
        }
        for host in ["evil.example:8080", "localhost.evil.example", "", "todo-x.localhost:8080"] {
            assert!(door().refuse(&headers(&[("host", host)])).is_some(), "{host}");
        }
    }

    #[test]
    fn foreign_origins_stay_out() {
        let with = |origin| door().refuse(&headers(&[("host", "localhost:8080"), ("origin", origin)])).is_none();
        assert!(with("http://localhost:8080"));
        assert!(with("https://console.example"));
        assert!(!with("https://todo-abc.localhost:8443"));
        assert!(!with("null"));
    }

    #[test]
    fn request_ids_are_kept_when_valid_and_made_otherwise() {
        assert_eq!(door().request_id(&headers(&[("x-request-id", "abc-1")])), "abc-1");
        let door = door();
        let first = door.request_id(&headers(&[("x-request-id", "a b")]));
        assert_ne!(first, door.request_id(&HeaderMap::new()));
    }
}

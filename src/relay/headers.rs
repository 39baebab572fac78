//! The translation of heads. Pure.
//!
//! actix-web speaks the types of `http` 0.2 and hyper those of `http` 1: same bytes, so they are converted by them.

use actix_web::{
    HttpRequest, HttpResponseBuilder,
    body::BodySize,
    http::{Version, header as inner},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{self, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, UPGRADE},
    uri::PathAndQuery,
};

use super::{Head, RelayError};

/// Headers that speak about one connection, and so end with it (RFC 9110 §7.6.1; the rest by long custom).
/// `Expect` is among them because actix-web has already answered it.
const HOP_BY_HOP: [&str; 12] = [
    "connection",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
];

/// What a visitor wants of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// A request and its answer.
    Exchange,
    /// To keep the connection after a 101.
    WebSocket,
}

impl Intent {
    /// actix-web hands over the raw bytes after a head only if that says `Upgrade: websocket`, whatever else it says.
    /// So a request that says it, but is no WebSocket handshake, has no body that could be told from what follows.
    ///
    /// # Errors
    /// [`RelayError::Unforwardable`] for these, and for `CONNECT`.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, RelayError> {
        if request.method() == actix_web::http::Method::CONNECT {
            return Err(RelayError::Unforwardable("CONNECT is not offered here"));
        }
        let headers = request.headers();
        let named = |value: &inner::HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket");
        if request.version() != Version::HTTP_11 || !headers.get_all(inner::UPGRADE).any(named) {
            return Ok(Self::Exchange);
        }
        let asked = headers.get_all(inner::CONNECTION).any(|value| lists(value.as_bytes(), b"upgrade"));
        let length = headers.get(inner::CONTENT_LENGTH).map(inner::HeaderValue::as_bytes);
        let body = headers.contains_key(inner::TRANSFER_ENCODING) || length.is_some_and(|length| length != b"0");
        if asked && !body && request.method() == actix_web::http::Method::GET {
            Ok(Self::WebSocket)
        } else {
            Err(RelayError::Unforwardable(
                "a WebSocket handshake is a GET with `Connection: Upgrade` and no body (RFC 6455 §4.1)",
            ))
        }
    }
}

/// The request for the next hop, but for its body. hyper adds `Content-Length` or `Transfer-Encoding` from the body.
///
/// # Errors
/// [`RelayError::Unforwardable`] when something in the head has no form in HTTP/1.1.
pub(super) fn outbound(request: &HttpRequest, intent: Intent, head: &Head) -> Result<Request<()>, RelayError> {
    let path = match &head.path {
        Some(path) => path.clone(),
        None => request.uri().path_and_query().map_or(Ok(PathAndQuery::from_static("/")), |path| {
            path.as_str().parse().map_err(|_| RelayError::Unforwardable("the request's path is not valid"))
        })?,
    };
    let mut outbound = Request::new(());
    *outbound.method_mut() = Method::from_bytes(request.method().as_str().as_bytes())
        .map_err(|_| RelayError::Unforwardable("the request's method is not valid"))?;
    *outbound.uri_mut() = Uri::from(path);
    *outbound.headers_mut() = outbound_headers(request.headers(), intent, head)?;
    Ok(outbound)
}

fn outbound_headers(visitor: &inner::HeaderMap, intent: Intent, head: &Head) -> Result<HeaderMap, RelayError> {
    let listed: Vec<&[u8]> = visitor.get_all(inner::CONNECTION).map(inner::HeaderValue::as_bytes).collect();
    let mut headers: HeaderMap = HeaderMap::with_capacity(visitor.len() + head.add.len() + 2);
    for (name, value) in visitor {
        let text = name.as_str();
        let by_caller = *name == inner::HOST || *name == inner::CONTENT_LENGTH || head.removes(text);
        if by_caller || ends_here(text, &listed) {
            continue;
        }
        let (name, value) = converted(text, value.as_bytes())?;
        match headers.get(&name) {
            // HTTP/2 splits `Cookie`, HTTP/1.1 may not (RFC 9113 §8.2.3).
            Some(first) if name == COOKIE => {
                let joined = [first.as_bytes(), value.as_bytes()].join(&b"; "[..]);
                let joined = HeaderValue::from_bytes(&joined);
                headers.insert(name, joined.map_err(|_| RelayError::Unforwardable("a cookie is not valid"))?);
            }
            Some(_) | None => {
                headers.append(name, value);
            }
        }
    }
    for (name, value) in &head.add {
        headers.insert(name.clone(), value.clone());
    }
    headers.insert(HOST, head.host.clone());
    match intent {
        Intent::Exchange => {}
        Intent::WebSocket => {
            headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
    }
    Ok(headers)
}

/// Copies an answer's headers onto the visitor's response. actix-web writes the length itself, from `size`.
pub(super) fn inbound<B>(answer: &Response<B>, response: &mut HttpResponseBuilder, size: BodySize) {
    let listed: Vec<&[u8]> = answer.headers().get_all(header::CONNECTION).iter().map(HeaderValue::as_bytes).collect();
    // A 304 has no body but tells the length that the 200 would have had.
    let keeps_length = answer.status() == StatusCode::NOT_MODIFIED && size == BodySize::None;
    for (name, value) in answer.headers() {
        if ends_here(name.as_str(), &listed) || (name == CONTENT_LENGTH && !keeps_length) {
            continue;
        }
        let name = inner::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = inner::HeaderValue::from_bytes(value.as_bytes());
        // What one version of `http` let in the other one does too; a difference would cost the header, not the answer.
        if let (Ok(name), Ok(value)) = (name, value) {
            response.append_header((name, value));
        }
    }
}

fn converted(name: &str, value: &[u8]) -> Result<(HeaderName, HeaderValue), RelayError> {
    match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        (Err(_), _) | (_, Err(_)) => Err(RelayError::Unforwardable("a header is not valid")),
    }
}

/// Whether a header is about this connection, by its name or because a `Connection` header lists it.
fn ends_here(name: &str, connection: &[&[u8]]) -> bool {
    HOP_BY_HOP.contains(&name) || connection.iter().any(|value| lists(value, name.as_bytes()))
}

/// Whether a comma-separated header value has this element.
fn lists(value: &[u8], element: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(element))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn head() -> Head {
        Head {
            add: vec![(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https"))],
            remove: vec![|name| name.starts_with("e2b-")],
            ..Head::to(HeaderValue::from_static("inner:3000"))
        }
    }

    #[test]
    fn headers_of_one_connection_stay_on_it() {
        let request = TestRequest::get()
            .uri("/a%20b?c=d&e")
            .append_header(("Host", "outer"))
            .append_header(("Connection", "close, X-Secret"))
            .append_header(("Keep-Alive", "5"))
            .append_header(("X-Secret", "1"))
            .append_header(("E2b-Sandbox-Id", "stolen"))
            .append_header(("X-Forwarded-Proto", "http"))
            .append_header(("Accept", "a"))
            .append_header(("Accept", "b"))
            .to_http_request();
        let sent = outbound(&request, Intent::Exchange, &head()).unwrap();
        assert_eq!(sent.uri(), "/a%20b?c=d&e");
        let mut names: Vec<_> = sent.headers().iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect();
        names.sort();
        assert_eq!(names, ["accept: a", "accept: b", "host: inner:3000", "x-forwarded-proto: https"]);
    }

    #[test]
    fn split_cookies_are_joined() {
        let request = TestRequest::get().append_header(("cookie", "a=1")).append_header(("cookie", "b=2"));
        let sent = outbound(&request.to_http_request(), Intent::Exchange, &head()).unwrap();
        assert_eq!(sent.headers()[COOKIE], "a=1; b=2");
    }

    #[test]
    fn answers_lose_what_was_meant_for_us() {
        let answer = Response::builder()
            .header("connection", "keep-alive, x-hop")
            .header("x-hop", "1")
            .header("transfer-encoding", "chunked")
            .header("set-cookie", "a")
            .header("set-cookie", "b")
            .body(())
            .unwrap();
        let mut response = actix_web::HttpResponse::Ok();
        inbound(&answer, &mut response, BodySize::Stream);
        let response = response.finish();
        let names: Vec<_> = response.headers().iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
        assert_eq!(names, [("set-cookie", "a"), ("set-cookie", "b")]);
    }

    #[test]
    fn only_a_whole_handshake_is_a_websocket() {
        let handshake = || {
            TestRequest::get()
                .append_header(("Upgrade", "WebSocket"))
                .append_header(("Connection", "keep-alive, Upgrade"))
        };
        assert_eq!(Intent::of(&handshake().to_http_request()).unwrap(), Intent::WebSocket);
        let sent = outbound(&handshake().to_http_request(), Intent::WebSocket, &head()).unwrap();
        assert_eq!(
            (&sent.headers()[CONNECTION], &sent.headers()[UPGRADE]),
            (&HeaderValue::from_static("Upgrade"), &HeaderValue::from_static("websocket"))
        );
        let post = handshake().method(actix_web::http::Method::POST).to_http_request();
        assert!(matches!(Intent::of(&post), Err(RelayError::Unforwardable(_))));
        let half = TestRequest::get().append_header(("Upgrade", "websocket")).to_http_request();
        assert!(matches!(Intent::of(&half), Err(RelayError::Unforwardable(_))));
        let other = TestRequest::get().append_header(("Upgrade", "h2c")).append_header(("Connection", "Upgrade"));
        assert_eq!(Intent::of(&other.to_http_request()).unwrap(), Intent::Exchange);
        let connect = TestRequest::default().method(actix_web::http::Method::CONNECT).to_http_request();
        assert!(matches!(Intent::of(&connect), Err(RelayError::Unforwardable(_))));
    }
}

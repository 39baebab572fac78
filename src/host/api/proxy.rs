//! Traffic to the app inside.

use actix_web::{HttpRequest, HttpResponse, web};
use http::HeaderValue;

use super::{Refusal, port_closed, sandbox_not_found};
use crate::{
    host::{error::AgentError, sandbox::Sandbox},
    relay::{self, Head, RelayError},
    types::Port,
};

pub async fn serve(sandbox: &Sandbox, port: Port, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let io = match sandbox.connect(port).await {
        Ok(io) => io,
        Err(AgentError::Gone) => return sandbox_not_found(&sandbox.id),
        Err(AgentError::Refused(_) | AgentError::TooLarge) => return port_closed(&sandbox.id, port),
    };
    let head = inward(sandbox, port, Head::to(HeaderValue::from_static("localhost")));
    match relay::forward(request, payload, io, head).await {
        Ok(response) => unmarked(response),
        Err(err) => refused(&err),
    }
}

/// An app's answer, without what only the host says.
pub fn unmarked(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().remove(super::HOST_HEADER);
    response
}

/// `head` as it is on its last way, to the app.
pub fn inward(sandbox: &Sandbox, port: Port, mut head: Head) -> Head {
    // What it would be called by a visitor inside. Development servers refuse names that they do not know.
    let host = match &sandbox.request.ingress.mask_host {
        Some(mask) => HeaderValue::from_str(&mask.replace("${PORT}", &port.to_string())),
        None => HeaderValue::from_str(&format!("localhost:{port}")),
    };
    head.remove.push(is_ours);
    Head { host: host.unwrap_or(HeaderValue::from_static("localhost")), ..head }
}

/// Headers between a client and this host: an app must not see its host's or its sandbox's keys.
fn is_ours(name: &str) -> bool {
    name.starts_with("e2b-") || matches!(name, "x-api-key" | "x-access-token")
}

/// The host's own words about an app that gave no answer.
pub fn refused(err: &RelayError) -> HttpResponse {
    let code = match err {
        RelayError::Closed(_) | RelayError::BadResponse(_) => 502,
        RelayError::HeadTimeout(_) => 504,
        RelayError::Visitor(_) | RelayError::Unforwardable(_) => 400,
    };
    let mark = match err {
        RelayError::BadResponse(_) => "app-answer-invalid",
        RelayError::Closed(_) | RelayError::HeadTimeout(_) | RelayError::Visitor(_) | RelayError::Unforwardable(_) => {
            "app-failed"
        }
    };
    let mut response = Refusal::new(code, format!("the app inside: {err}")).response();
    response.headers_mut().insert(super::HOST_HEADER, actix_web::http::header::HeaderValue::from_static(mark));
    response
}

//! Port 49983 of a sandbox: what E2B's `envd` does, without a server inside.
//!
//! HTTP and Connect stay on this side; PID 1 inside hands out descriptors. `files` is plain HTTP, `process` and
//! `filesystem` are Connect services in JSON.

mod compose;
pub mod connect;
mod download;
mod files;
pub mod filesystem;
mod input;
mod metadata;
pub mod path;
mod process;
pub mod signature;
mod status;
mod stream;
mod user;
mod watch;

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use subtle::ConstantTimeEq as _;

use self::{
    connect::{Code, RpcError},
    signature::Claim,
};
use super::{api::Refusal, error::AgentError, sandbox::Sandbox, sandboxes::Sandboxes};
use crate::types::Timestamp;

/// The port that envd listens on in E2B's sandboxes.
pub const PORT: u16 = 49983;
/// The version that unlocks every feature of the SDKs.
pub const VERSION: &str = "0.6.4";
/// Largest message of a call, in bytes.
const MESSAGE_MAX: usize = 4 << 20;
/// Longest wait for the whole of it.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// What only E2B's own orchestrator may call. There is none here: a sandbox is set up before its first program.
const INTERNAL: [&str; 6] = ["/init", "/freeze", "/unfreeze", "/collapse", "/fsfreeze", "/fsthaw"];

/// Answers one request to envd of `sandbox`.
pub async fn serve(
    sandboxes: &Sandboxes,
    sandbox: Arc<Sandbox>,
    request: &HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let path = request.path();
    if path == "/health" {
        return HttpResponse::NoContent().finish();
    }
    let rpc = path.starts_with("/process.") || path.starts_with("/filesystem.");
    if let Err(message) = authorize(&sandbox, request) {
        return if rpc {
            RpcError::new(Code::Unauthenticated, message).unary()
        } else {
            Refusal::new(401, message).response()
        };
    }
    let authorization = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
    let person = match user::of(authorization, request.query_string()) {
        Ok(person) => person,
        Err(unknown) if rpc => return RpcError::new(Code::Unauthenticated, unknown.to_string()).unary(),
        Err(unknown) => return Refusal::new(401, unknown.to_string()).response(),
    };
    if path == "/files" {
        let answered = match *request.method() {
            Method::GET => download::read(&sandboxes.tasks, &sandbox, person, request).await,
            Method::POST => files::write(&sandbox, person, request, payload, sandboxes.silence_max).await,
            _ => Err(Refusal::new(405, "method not allowed")),
        };
        return answered.unwrap_or_else(|refusal| refusal.response());
    }
    if !rpc {
        let answered = match path {
            "/files/compose" => compose::compose(sandboxes, sandbox, person, request, payload).await,
            "/metrics" => status::metrics(sandboxes, &sandbox, request).await,
            "/envs" => status::environment(&sandbox, request),
            path if INTERNAL.contains(&path) => Err(Refusal::new(403, format!("{path} is not for clients"))),
            path => Err(Refusal::new(404, format!("there is no {path} here"))),
        };
        return answered.unwrap_or_else(|refusal| refusal.response());
    }
    if request.method() != Method::POST {
        return RpcError::new(Code::Unimplemented, "calls are POST requests here").unary();
    }
    let answered = match path.strip_prefix("/process.Process/") {
        Some(call) => process::serve(sandboxes, sandbox, person, call, request, payload).await,
        None => match path.strip_prefix("/filesystem.Filesystem/") {
            Some(call) if watch::serves(call) => watch::serve(sandboxes, sandbox, person, call, request, payload).await,
            Some(call) => filesystem::serve(&sandbox, person, call, payload).await,
            None => Err(RpcError::new(Code::Unimplemented, format!("unknown service {path}"))),
        },
    };
    answered.unwrap_or_else(|err| err.unary())
}

fn authorize(sandbox: &Sandbox, request: &HttpRequest) -> Result<(), &'static str> {
    let Some(token) = &sandbox.access_token else { return Ok(()) };
    let given = request.headers().get("X-Access-Token").map_or(&b""[..], |value| value.as_bytes());
    if given.ct_eq(token.expose().as_bytes()).into() {
        return Ok(());
    }
    match Claim::of(request.method(), request.path(), request.query_string()) {
        Some(claim) => claim.verify(token.expose(), Timestamp::now().0 / 1000).map_err(signature::Denied::message),
        None => Err("unauthorized access, please provide a valid access token or method signing if supported"),
    }
}

async fn body_of(payload: web::Payload) -> Result<web::Bytes, RpcError> {
    let too_large = || RpcError::new(Code::ResourceExhausted, format!("message is larger than {MESSAGE_MAX} bytes"));
    let read = tokio::time::timeout(MESSAGE_TIMEOUT, payload.to_bytes_limited(MESSAGE_MAX)).await;
    let read = read.map_err(|_| RpcError::new(Code::DeadlineExceeded, "the request's body does not come"))?;
    let read = read.map_err(|_| too_large())?;
    read.map_err(|_| RpcError::new(Code::InvalidArgument, "the request's body ended early"))
}

/// A refusal from inside, in Connect's words.
fn rpc_error(err: &AgentError) -> RpcError {
    let code = match err {
        AgentError::Gone => Code::Unavailable,
        AgentError::TooLarge => Code::ResourceExhausted,
        AgentError::Refused(refused) => match refused.errno {
            libc::ENOENT | libc::ESRCH => Code::NotFound,
            libc::EEXIST => Code::AlreadyExists,
            libc::EACCES | libc::EPERM | libc::EROFS => Code::PermissionDenied,
            libc::ENOSPC | libc::EDQUOT | libc::EMFILE | libc::ENFILE | libc::EAGAIN | libc::ENOMEM | libc::E2BIG => {
                Code::ResourceExhausted
            }
            libc::ENOTDIR
            | libc::EISDIR
            | libc::EINVAL
            | libc::ELOOP
            | libc::ENAMETOOLONG
            | libc::EBUSY
            | libc::EXDEV => Code::InvalidArgument,
            _ => Code::Internal,
        },
    };
    RpcError::new(code, err.to_string())
}

#[cfg(test)]
mod tests {
    use actix_web::{FromRequest as _, dev, test::TestRequest};
    use futures_util::stream;

    use super::*;

    #[actix_web::test]
    async fn a_message_that_does_not_come_is_not_waited_for() {
        tokio::time::pause();
        let silence = stream::pending::<Result<web::Bytes, actix_web::error::PayloadError>>();
        let mut payload: dev::Payload = dev::Payload::Stream { payload: Box::pin(silence) };
        let request = TestRequest::default().to_http_request();
        let payload = web::Payload::from_request(&request, &mut payload).await.unwrap();
        assert_eq!(body_of(payload).await.unwrap_err().code, Code::DeadlineExceeded);
    }
}

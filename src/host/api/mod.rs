//! Everything that arrives on the host's one port, told apart and answered.
//!
//! ```text
//!  request ─┬─ no E2b-Sandbox-Id ─┬─ /files ► envd of whichever sandbox's token signed it
//!           │                     └─ other ─► control plane (X-API-Key)
//!           └─ E2b-Sandbox-Id of ─┬─ nobody ► 502 sandbox-not-found
//!                                 ├─ 49983 ─► envd (X-Access-Token)
//!                                 └─ other ─► the app inside
//! ```

mod control;
mod models;
mod proxy;
pub mod target;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, http::StatusCode, http::header, http::header::HeaderName, web,
};
use serde_json::json;

use self::target::Target;
use super::{
    cgroup::Controller,
    config::Config,
    envd::{
        self,
        signature::{Claim, Denied},
    },
    sandboxes::Sandboxes,
};
use crate::types::{Port, SandboxId, Secret, Timestamp};

/// Says which of our own answers a 502 is, so that a gateway can tell it from one of the app's.
const HOST_HEADER: HeaderName = HeaderName::from_static("x-spawnai-host");

/// What every handler sees.
#[derive(Debug)]
pub struct Shared {
    pub sandboxes: Arc<Sandboxes>,
    pub key: Secret,
    pub config: Config,
    /// Controllers without which a limit does not hold on this machine.
    pub advisory: Vec<Controller>,
}

/// An error as the protocol says it: always JSON with `code` and `message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: u16,
    pub message: String,
}

impl Refusal {
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    #[must_use]
    pub fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponseBuilder::new(status).json(json!({ "code": self.code, "message": self.message }))
    }
}

/// Answers any request.
pub async fn dispatch(request: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = target::of(host, text("E2b-Sandbox-Id"), text("E2b-Sandbox-Port"));
    match target {
        Target::ControlPlane if request.path() == "/files" => signed_file(&shared, &request, payload).await,
        Target::ControlPlane => control::serve(&shared, &request, payload).await,
        Target::Invalid(message) => Refusal::new(400, message).response(),
        Target::Sandbox { id, port } => match shared.sandboxes.get(&id) {
            None => sandbox_not_found(&id),
            Some(sandbox) if port.get() == envd::PORT => {
                envd::serve(&shared.sandboxes, sandbox, &request, payload).await
            }
            Some(sandbox) => proxy::serve(&sandbox, port, &request, payload).await,
        },
    }
}

/// A signed address names no sandbox: it is of the one whose token signed it.
async fn signed_file(shared: &Shared, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let Some(claim) = Claim::of(request.method(), request.path(), request.query_string()) else {
        return Refusal::new(401, "a file is asked for with its sandbox's id and token, or with a signature")
            .response();
    };
    let now = Timestamp::now().0 / 1000;
    let signed = shared.sandboxes.all().into_iter().find(|sandbox| {
        let verified = sandbox.access_token.as_ref().map(|token| claim.verify(token.expose(), now));
        matches!(verified, Some(Ok(()) | Err(Denied::Expired)))
    });
    match signed {
        // It checks once more, and says when the time is over.
        Some(sandbox) => envd::serve(&shared.sandboxes, sandbox, request, payload).await,
        None => Refusal::new(401, Denied::Invalid.message()).response(),
    }
}

/// SDKs match the message by its words.
fn sandbox_not_found(id: &SandboxId) -> HttpResponse {
    HttpResponse::BadGateway()
        .insert_header((HOST_HEADER, "sandbox-not-found"))
        .json(json!({ "sandboxId": id, "message": "The sandbox was not found", "code": 502 }))
}

/// SDKs match the message by its words.
fn port_closed(id: &SandboxId, port: Port) -> HttpResponse {
    HttpResponse::BadGateway().insert_header((HOST_HEADER, "port-closed")).json(
        json!({ "sandboxId": id, "message": "The sandbox is running but port is not open", "port": port, "code": 502 }),
    )
}

//! Everything that arrives on the host's one port, told apart and answered.
//!
//! ```text
//!  request ─┬─ no E2b-Sandbox-Id ─┬─ /files ► envd of whichever sandbox's token signed it
//!           │                     └─ other ─► control plane (X-API-Key)
//!           └─ E2b-Sandbox-Id of ─┬─ nobody, or one that is paused and not to be woken ► 502 sandbox-not-found
//!                                 ├─ 49983 ─► envd (X-Access-Token)
//!                                 └─ other ─► the app inside ◄── visits, from within this process
//! ```

mod admission;
mod control;
mod create;
mod lifecycle;
mod list;
mod logs;
mod metrics;
mod models;
mod network;
mod proxy;
mod snapshots;
pub mod target;
mod visits;

use std::{convert::Infallible, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, http::StatusCode, http::header, http::header::HeaderName, web,
};
use serde_json::json;

use self::target::Target;
pub use self::visits::Visits;
use super::{
    cgroup::Controller,
    config::Config,
    envd::{
        self,
        signature::{Claim, Denied},
    },
    sandbox::Sandbox,
    sandboxes::Sandboxes,
    snapshots::Snapshots,
};
use crate::types::{Port, SandboxId, Secret, Timestamp};

/// Says which of our own answers a 502 is, so that a gateway can tell it from one of the app's.
const HOST_HEADER: HeaderName = HeaderName::from_static("x-spawnai-host");

/// What every handler sees.
#[derive(Debug)]
pub struct Shared {
    pub sandboxes: Arc<Sandboxes>,
    pub snapshots: Arc<Snapshots>,
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
    pub retry: Retry,
}

/// What a client that retries by itself is told. The SDKs obey `Should-Retry`, and go by the status without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Unsaid,
    Never,
    /// After so many seconds.
    After(u32),
}

impl Refusal {
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry: Retry::Unsaid }
    }

    #[must_use]
    pub fn with(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    #[must_use]
    pub fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponseBuilder::new(status);
        match self.retry {
            Retry::Unsaid => {}
            Retry::Never => drop(response.insert_header(("Should-Retry", "false"))),
            Retry::After(seconds) => {
                response.insert_header(("Should-Retry", "true")).insert_header((header::RETRY_AFTER, seconds));
            }
        }
        response.json(json!({ "code": self.code, "message": self.message }))
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
            Some(sandbox) => inside(&shared, sandbox, port, &request, payload).await,
        },
    }
}

/// Answers a request that is for the inside of a sandbox: wakes it where that is wished.
async fn inside(
    shared: &Shared,
    sandbox: Arc<Sandbox>,
    port: Port,
    request: &HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let id = sandbox.id.clone();
    // Before it is woken: only those who may visit it wake it.
    if port.get() != envd::PORT && !network::admits(&sandbox, request) {
        return network::not_admitted();
    }
    let Some(admission) = shared.sandboxes.admit(&sandbox).await else { return sandbox_not_found(&id) };
    let served = async {
        Ok::<_, Infallible>(if port.get() == envd::PORT {
            envd::serve(&shared.sandboxes, sandbox, request, payload).await
        } else {
            proxy::serve(&sandbox, port, request, payload).await
        })
    };
    let Ok(response) = admission::serve(admission, served, || sandbox_not_found(&id)).await;
    response
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
        Some(sandbox) => match Port::new(envd::PORT) {
            Some(port) => inside(shared, sandbox, port, request, payload).await,
            None => unreachable!("envd has a port"),
        },
        None => Refusal::new(401, Denied::Invalid.message()).response(),
    }
}

/// SDKs match the message by its words.
fn sandbox_not_found(id: &SandboxId) -> HttpResponse {
    HttpResponse::BadGateway()
        .insert_header((HOST_HEADER, "sandbox-not-found"))
        // It does not come back by itself.
        .insert_header(("Should-Retry", "false"))
        .json(json!({ "sandboxId": id, "message": "The sandbox was not found", "code": 502 }))
}

/// SDKs match the message by its words.
fn port_closed(id: &SandboxId, port: Port) -> HttpResponse {
    HttpResponse::BadGateway().insert_header((HOST_HEADER, "port-closed")).json(
        json!({ "sandboxId": id, "message": "The sandbox is running but port is not open", "port": port, "code": 502 }),
    )
}

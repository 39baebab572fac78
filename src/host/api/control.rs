//! The control plane: sandboxes are made, found and ended here.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use super::{
    Refusal, Shared, create, lifecycle, list, logs, metrics,
    models::{Generation, Shown},
    network, snapshots,
};
use crate::{host::sandbox::Sandbox, types::SandboxId};

/// Largest body of a request, in bytes.
const BODY_MAX: usize = 1 << 20;

pub async fn serve(shared: &Shared, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let path: Vec<&str> = request.path().split('/').filter(|part| !part.is_empty()).collect();
    if path == ["health"] {
        return HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }));
    }
    if let Err(refusal) = authorize(shared, request) {
        return refusal.response();
    }
    let answered = match (request.method(), &path[..]) {
        (&Method::POST, ["sandboxes"]) => create::serve(shared, request, payload, Generation::V1).await,
        (&Method::POST, ["v2", "sandboxes"]) => create::serve(shared, request, payload, Generation::V2).await,
        (&Method::GET, ["sandboxes"]) => list::v1(shared, request),
        (&Method::GET, ["v2", "sandboxes"]) => list::v2(shared, request),
        (&Method::GET, ["sandboxes", "metrics"]) => metrics::many(shared, request).await,
        (&Method::GET, ["sandboxes", id]) => {
            found(shared, id).map(|sandbox| HttpResponse::Ok().json(Shown::detailed(shared, &sandbox)))
        }
        (&Method::DELETE, ["sandboxes", id]) => lifecycle::kill(shared, id).await,
        (&Method::POST, ["sandboxes", id, "timeout"]) => lifecycle::set_timeout(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "refreshes"]) => lifecycle::refresh(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "pause"]) => lifecycle::pause(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "resume"]) => lifecycle::resume(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "connect"] | ["v2", "sandboxes", id, "connect"]) => {
            lifecycle::connect(shared, id, payload).await
        }
        (&Method::POST, ["sandboxes", id, "snapshots"]) => snapshots::create(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "fork"]) => snapshots::fork(shared, id, payload).await,
        (&Method::GET, ["snapshots"]) => snapshots::list(shared, request),
        (&Method::DELETE, ["templates", id]) => snapshots::remove(shared, id).await,
        (&Method::PUT, ["sandboxes", id, "network"]) => network::update(shared, id, payload).await,
        (&Method::GET, ["sandboxes", id, "metrics"]) => metrics::one(shared, id, request).await,
        (&Method::GET, ["sandboxes", id, "logs"]) => logs::v1(shared, id, request),
        (&Method::GET, ["v2", "sandboxes", id, "logs"]) => logs::v2(shared, id, request),
        (_, ["sandboxes" | "v2" | "v3" | "snapshots" | "templates" | "volumes" | "teams", ..]) => {
            Err(Refusal::new(501, format!("{} {} is not available on this host yet", request.method(), request.path())))
        }
        _ => Err(Refusal::new(404, "no such path")),
    };
    answered.unwrap_or_else(|refusal| refusal.response())
}

fn authorize(shared: &Shared, request: &HttpRequest) -> Result<(), Refusal> {
    let given = request.headers().get("X-API-Key").map_or(&b""[..], |value| value.as_bytes());
    if given.ct_eq(shared.key.expose().as_bytes()).into() {
        Ok(())
    } else {
        Err(Refusal::new(401, "Invalid API key: this host's own lies in host.key in the engine's data folder"))
    }
}

pub(super) async fn body<T: DeserializeOwned>(payload: web::Payload) -> Result<T, Refusal> {
    parse(&read(payload).await?)
}

pub(super) async fn read(payload: web::Payload) -> Result<web::Bytes, Refusal> {
    let read = payload.to_bytes_limited(BODY_MAX).await;
    let bytes = read.map_err(|_| Refusal::new(413, format!("the body is larger than {BODY_MAX} bytes")))?;
    bytes.map_err(|_| Refusal::new(400, "the body ended early"))
}

/// No body at all is an empty one.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|err| Refusal::new(400, format!("the body is not valid: {err}")))
}

pub(super) fn found(shared: &Shared, id: &str) -> Result<Arc<Sandbox>, Refusal> {
    let sandbox = id.parse::<SandboxId>().ok().and_then(|id| shared.sandboxes.get(&id));
    sandbox.ok_or_else(|| unknown(id))
}

pub(super) fn unknown(id: &str) -> Refusal {
    let id: String = id.chars().take(64).collect();
    Refusal::new(404, format!("Sandbox \"{id}\" doesn't exist or you don't have access to it"))
}

/// A parameter of the query that is a number.
pub(super) fn number(request: &HttpRequest, name: &str) -> Result<Option<u64>, Refusal> {
    let wrong = |_| Refusal::new(400, format!("{name} is a number that is not negative"));
    text(request, name).map(|value| value.parse().map_err(wrong)).transpose()
}

/// A parameter of the query; an empty one is none.
pub(super) fn text(request: &HttpRequest, name: &str) -> Option<String> {
    let mut all = url::form_urlencoded::parse(request.query_string().as_bytes());
    all.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

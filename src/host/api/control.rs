//! The control plane: sandboxes are made, found and ended here.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use super::{
    Refusal, Shared, lifecycle, list,
    models::{Created, Generation, Metric, NewSandbox, Shown},
    snapshots,
};
use crate::{
    host::{sandbox::Sandbox, sandboxes::CreateError},
    types::{SandboxId, Timestamp},
};

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
        (&Method::POST, ["sandboxes"]) => create(shared, payload, Generation::V1).await,
        (&Method::POST, ["v2", "sandboxes"]) => create(shared, payload, Generation::V2).await,
        (&Method::GET, ["sandboxes"]) => list::v1(shared, request),
        (&Method::GET, ["v2", "sandboxes"]) => list::v2(shared, request),
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
        (&Method::GET, ["sandboxes", id, "metrics"]) => metrics(shared, id).await,
        (&Method::POST, ["sandboxes", id, "snapshots"]) => snapshots::create(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "fork"]) => snapshots::fork(shared, id, payload).await,
        (&Method::GET, ["snapshots"]) => snapshots::list(shared, request),
        (&Method::DELETE, ["templates", id]) => snapshots::remove(shared, id).await,
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
    let read = payload.to_bytes_limited(BODY_MAX).await;
    let bytes = read.map_err(|_| Refusal::new(413, format!("the body is larger than {BODY_MAX} bytes")))?;
    let bytes = bytes.map_err(|_| Refusal::new(400, "the body ended early"))?;
    let bytes = if bytes.is_empty() { &b"{}"[..] } else { &bytes[..] };
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

async fn create(shared: &Shared, payload: web::Payload, generation: Generation) -> Result<HttpResponse, Refusal> {
    let asked: NewSandbox = body(payload).await?;
    let origin = snapshots::origin(shared, asked.template())?;
    let mut request = asked.check(generation, shared.config.lifetime_max)?;
    request.template = origin.template;
    match shared.sandboxes.create(request, origin.archive).await {
        Ok(sandbox) => Ok(HttpResponse::Created().json(Created::of(&sandbox))),
        Err(err) => Err(refused(&err)),
    }
}

pub(super) fn refused(err: &CreateError) -> Refusal {
    match err {
        CreateError::Full(count) => Refusal::new(
            429,
            format!(
                "you have reached the maximum number of concurrent E2B sandboxes ({count}): kill some, or raise the limit"
            ),
        ),
        CreateError::Closing => Refusal::new(503, "the host is shutting down"),
        CreateError::Launch(cause) => {
            tracing::error!(error = %cause, source = ?std::error::Error::source(cause), "cannot start a sandbox");
            Refusal::new(500, format!("cannot start a sandbox: {cause}"))
        }
        CreateError::Watch(cause) => {
            tracing::error!(error = %cause, "cannot watch a sandbox");
            Refusal::new(500, "cannot start a sandbox: the host is out of file descriptors or memory")
        }
        CreateError::Restore(cause) => snapshots::refused(cause),
    }
}

async fn metrics(shared: &Shared, id: &str) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let (used, total) = sandbox.disk().await.map_err(|err| Refusal::new(502, err.to_string()))?;
    let (usage, limits, now) = (sandbox.usage(), shared.config.limits, Timestamp::now());
    let lived_nanos = now.millis_since(sandbox.started_at).max(1) as f64 * 1e6;
    let metric = Metric {
        timestamp: now,
        timestamp_unix: now.0 / 1000,
        cpu_count: limits.vcpus,
        cpu_used_pct: usage.cpu_nanos.unwrap_or(0) as f64 / lived_nanos * 100.0,
        mem_used: usage.memory_bytes.unwrap_or(0),
        mem_total: u64::from(limits.memory_mib) << 20,
        mem_cache: 0,
        disk_used: used,
        disk_total: total,
    };
    Ok(HttpResponse::Ok().json([metric]))
}

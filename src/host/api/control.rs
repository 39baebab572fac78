//! The control plane: sandboxes are made, found and ended here.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use super::{
    Refusal, Shared,
    models::{Created, Generation, Metric, NewSandbox, RefreshRequest, Shown, TimeoutRequest, check_timeout},
};
use crate::{
    host::{sandbox::Sandbox, sandboxes::CreateError},
    types::{SandboxId, Timestamp},
};

/// Largest body of a request, in bytes.
const BODY_MAX: usize = 1 << 20;
/// Sandboxes on one page of a list.
const PAGE_MAX: usize = 100;

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
        (&Method::GET, ["sandboxes"]) => list_v1(shared, request),
        (&Method::GET, ["v2", "sandboxes"]) => list_v2(shared, request),
        (&Method::GET, ["sandboxes", id]) => detail(shared, id).await,
        (&Method::DELETE, ["sandboxes", id]) => kill(shared, id).await,
        (&Method::POST, ["sandboxes", id, "timeout"]) => set_timeout(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "refreshes"]) => refresh(shared, id, payload).await,
        (&Method::POST, ["sandboxes", id, "connect"] | ["v2", "sandboxes", id, "connect"]) => {
            connect(shared, id, payload).await
        }
        (&Method::GET, ["sandboxes", id, "metrics"]) => metrics(shared, id).await,
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

async fn body<T: DeserializeOwned>(payload: web::Payload) -> Result<T, Refusal> {
    let read = payload.to_bytes_limited(BODY_MAX).await;
    let bytes = read.map_err(|_| Refusal::new(413, format!("the body is larger than {BODY_MAX} bytes")))?;
    let bytes = bytes.map_err(|_| Refusal::new(400, "the body ended early"))?;
    let bytes = if bytes.is_empty() { &b"{}"[..] } else { &bytes[..] };
    serde_json::from_slice(bytes).map_err(|err| Refusal::new(400, format!("the body is not valid: {err}")))
}

fn found(shared: &Shared, id: &str) -> Result<Arc<Sandbox>, Refusal> {
    let sandbox = id.parse::<SandboxId>().ok().and_then(|id| shared.sandboxes.get(&id));
    sandbox.ok_or_else(|| {
        let id: String = id.chars().take(64).collect();
        Refusal::new(404, format!("Sandbox \"{id}\" doesn't exist or you don't have access to it"))
    })
}

async fn create(shared: &Shared, payload: web::Payload, generation: Generation) -> Result<HttpResponse, Refusal> {
    let asked: NewSandbox = body(payload).await?;
    let request = asked.check(generation, shared.config.lifetime_max)?;
    match shared.sandboxes.create(request).await {
        Ok(sandbox) => Ok(HttpResponse::Created().json(Created::of(&sandbox))),
        Err(err) => Err(refused(&err)),
    }
}

fn refused(err: &CreateError) -> Refusal {
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
    }
}

async fn kill(shared: &Shared, id: &str) -> Result<HttpResponse, Refusal> {
    found(shared, id)?.kill().await;
    Ok(HttpResponse::NoContent().finish())
}

async fn set_timeout(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: TimeoutRequest = body(payload).await?;
    let seconds = asked.timeout.ok_or_else(|| Refusal::new(400, "timeout is required"))?;
    sandbox.set_timeout(check_timeout(seconds, shared.config.lifetime_max)?);
    Ok(HttpResponse::NoContent().finish())
}

async fn refresh(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    const DEFAULT_SECONDS: u64 = 15;
    let sandbox = found(shared, id)?;
    let asked: RefreshRequest = body(payload).await?;
    sandbox.extend_timeout(check_timeout(asked.duration.unwrap_or(DEFAULT_SECONDS), shared.config.lifetime_max)?);
    Ok(HttpResponse::NoContent().finish())
}

/// Only for running sandboxes: none is ever paused here, so the answer is always 200.
async fn connect(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: TimeoutRequest = body(payload).await?;
    if let Some(seconds) = asked.timeout {
        sandbox.extend_timeout(check_timeout(seconds, shared.config.lifetime_max)?);
    }
    Ok(HttpResponse::Ok().json(Created::of(&sandbox)))
}

async fn detail(shared: &Shared, id: &str) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let used = sandbox.used().await;
    Ok(HttpResponse::Ok().json(Shown::detailed(shared, &sandbox, used)))
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
        usage: sandbox.used().await,
    };
    Ok(HttpResponse::Ok().json([metric]))
}

fn list_v1(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let query = Query::of(request.query_string())?;
    let shown: Vec<_> = query.select(shared.sandboxes.all()).iter().map(|s| Shown::listed(shared, s)).collect();
    Ok(HttpResponse::Ok().json(shown))
}

fn list_v2(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let query = Query::of(request.query_string())?;
    let mut page = query.select(shared.sandboxes.all());
    let more = page.len() > query.limit;
    page.truncate(query.limit);
    let mut response = HttpResponse::Ok();
    if let Some(last) = page.last().filter(|_| more) {
        response.insert_header(("X-Next-Token", cursor(last.started_at, &last.id)));
    }
    Ok(response.json(page.iter().map(|sandbox| Shown::listed(shared, sandbox)).collect::<Vec<_>>()))
}

/// What a list is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    metadata: BTreeMap<String, String>,
    running: bool,
    limit: usize,
    /// The last sandbox of the page before.
    after: Option<(Timestamp, String)>,
}

impl Query {
    fn of(query: &str) -> Result<Self, Refusal> {
        let mut parsed = Self { metadata: BTreeMap::new(), running: true, limit: PAGE_MAX, after: None };
        let mut states = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "metadata" => parsed.metadata = metadata(&value),
                "state" => states.extend(value.split(',').map(str::to_owned)),
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
                    parsed.limit = limit.ok_or_else(|| Refusal::new(400, format!("limit is 1 to {PAGE_MAX}")))?;
                }
                "nextToken" if !value.is_empty() => {
                    let after = read_cursor(&value).ok_or_else(|| Refusal::new(400, "nextToken is not one of ours"))?;
                    parsed.after = Some(after);
                }
                _ => {}
            }
        }
        parsed.running = states.is_empty() || states.iter().any(|state| state == "running");
        Ok(parsed)
    }

    /// Newest first; all from `after` on.
    fn select(&self, mut sandboxes: Vec<Arc<Sandbox>>) -> Vec<Arc<Sandbox>> {
        sandboxes.retain(|sandbox| {
            let wanted = self.metadata.iter().all(|(key, value)| sandbox.request.metadata.get(key) == Some(value));
            let later = self
                .after
                .as_ref()
                .is_none_or(|(started_at, id)| (sandbox.started_at, sandbox.id.as_str()) < (*started_at, id.as_str()));
            self.running && wanted && later
        });
        sandboxes.sort_unstable_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
        sandboxes
    }
}

/// The value is a query of its own, whose names and values are encoded once more.
fn metadata(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (decode(&name), decode(&value))).collect()
}

fn cursor(started_at: Timestamp, id: &SandboxId) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}_{id}", started_at.0))
}

fn read_cursor(token: &str) -> Option<(Timestamp, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (started_at, id) = text.split_once('_')?;
    Some((Timestamp(started_at.parse().ok()?), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_decoded_however_often_it_was_encoded() {
        for app in ["my%252Fapp%252B", "my%25252Fapp%25252B"] {
            let query = Query::of(&format!("metadata=app%3D{app}%26env%3Dtest")).unwrap();
            let expected = [("app", "my/app+"), ("env", "test")].map(|(k, v)| (k.to_owned(), v.to_owned()));
            assert_eq!(query.metadata, BTreeMap::from(expected));
        }
        let query = Query::of("limit=5&state=running%2Cpaused").unwrap();
        assert_eq!((query.limit, query.running), (5, true));
        assert!(!Query::of("state=paused").unwrap().running);
    }

    #[test]
    fn cursors_read_back_and_others_are_refused() {
        let token = cursor(Timestamp(5), &"abc".parse().unwrap());
        assert_eq!(read_cursor(&token), Some((Timestamp(5), "abc".to_owned())));
        assert_eq!(Query::of("nextToken=%00").unwrap_err().code, 400);
        assert_eq!(Query::of("limit=0").unwrap_err().code, 400);
    }
}

//! How the engine is, for people, load balancers and graphs.

use std::time::Duration;

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;

use super::{Api, ApiError};
use crate::{
    limiter,
    registry::{ListActors, ProbeSandboxes, SupervisorView},
    supervisor::{ActorView, Condition},
};

/// A dependency that takes longer is as good as down.
const ANSWER_MAX: Duration = Duration::from_secs(2);

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`, or `degraded` when a dependency is down.
    status: &'static str,
    version: &'static str,
    sessions_open: usize,
    dependencies: Vec<Dependency>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    name: &'static str,
    /// `up` or `down`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
    /// Why it is down, or will be soon, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Dependency {
    /// Found out earlier, so that no latency is known. What is up may have a remark.
    fn found(name: &'static str, answer: Result<Option<String>, String>) -> Self {
        let (status, reason) = match answer {
            Ok(remark) => ("up", remark),
            Err(reason) => ("down", Some(reason)),
        };
        Self { name, status, latency_ms: None, reason }
    }

    fn new(name: &'static str, answer: Result<Duration, String>) -> Self {
        match answer {
            Ok(latency) => {
                let millis = (latency.as_secs_f64() * 1e6).round() / 1e3;
                Self { name, status: "up", latency_ms: Some(millis), reason: None }
            }
            Err(reason) => Self { name, status: "down", latency_ms: None, reason: Some(reason) },
        }
    }
}

#[utoipa::path(get, path = "/health", tag = "operation", responses(
    (status = 200, description = "All dependencies are up", body = Health),
    (status = 503, description = "One is down; the body says which and why", body = Health),
))]
pub(super) async fn health(api: web::Data<Api>) -> HttpResponse {
    let (store, sandboxes, limits) = futures_util::join!(store(&api), sandboxes(&api), limits(&api));
    let mut dependencies = vec![Dependency::new("store", store), Dependency::new("sandboxes", sandboxes)];
    if let Some(limits) = limits {
        dependencies.push(Dependency::new("redis", limits));
    }
    if let Some(claude) = &api.claude {
        dependencies.push(Dependency::found("claude", claude.load().as_ref().clone()));
    }
    let up = dependencies.iter().all(|dependency| dependency.status == "up");
    let (status, code) = if up { ("ok", StatusCode::OK) } else { ("degraded", StatusCode::SERVICE_UNAVAILABLE) };
    let health =
        Health { status, version: env!("CARGO_PKG_VERSION"), sessions_open: api.directory.len(), dependencies };
    HttpResponse::build(code).json(health)
}

async fn store(api: &Api) -> Result<Duration, String> {
    match actix_rt::time::timeout(ANSWER_MAX, api.store.ping()).await {
        Ok(answer) => answer.map_err(|error| format!("{}: {}", api.store.name(), error.in_full())),
        Err(_) => Err(format!("{}: no answer within {} s", api.store.name(), ANSWER_MAX.as_secs())),
    }
}

async fn sandboxes(api: &Api) -> Result<Duration, String> {
    match api.registry.ask_within(ProbeSandboxes, ANSWER_MAX).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// `None` where the limiter keeps its buckets itself.
async fn limits(api: &Api) -> Option<Result<Duration, String>> {
    match api.limiter.ask_within(limiter::HealthQuery, ANSWER_MAX).await {
        Ok(limiter::Health::Local) => None,
        Ok(limiter::Health::Shared { latency }) => Some(Ok(latency)),
        Ok(limiter::Health::Fallback { reason, since }) => {
            Some(Err(format!("{reason}; since {since} the limits are kept by this engine alone")))
        }
        Err(error) => Some(Err(error.to_string())),
    }
}

#[utoipa::path(get, path = "/ready", tag = "operation", responses(
    (status = 200, description = "Takes new sessions"),
    (status = 503, description = "Does not, because it is shutting down", body = super::openapi::ErrorBody),
))]
pub(super) async fn ready(api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    if api.directory.is_draining() {
        Err(crate::types::Failure::from(crate::registry::SpawnError::Draining).into())
    } else if let Some(failing) = api.supervisor.views().iter().find(|actor| actor.condition == Condition::Failing) {
        Err(ApiError::unavailable(&failing.name))
    } else {
        Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })))
    }
}

/// The tree of actors.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Supervisor {
    /// Those that there is one of each.
    actors: Vec<ActorView>,
    #[serde(flatten)]
    sessions: SupervisorView,
}

#[utoipa::path(get, path = "/api/supervisor", tag = "operation", responses(
    (status = 200, description = "All actors: how they fare, since when, how often they were made anew and why", body = Supervisor),
))]
pub(super) async fn supervisor(api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    match api.registry.ask_within(ListActors, ANSWER_MAX).await {
        Ok(sessions) => Ok(HttpResponse::Ok().json(Supervisor { actors: api.supervisor.views(), sessions })),
        Err(_) => Err(ApiError::unavailable("registry")),
    }
}

//! The contract over HTTP: validation at the door, one place that turns failures into answers, no decisions.
//!
//! ```text
//!  request ─► host & origin check ─► request id ─► route ─┬─ directory (published views; no mailbox)
//!                                                         ├─ registry, session, ledger, limiter (typed messages)
//!                                                         └─ store (what is over)
//! ```
//!
//! `/ws` is an actix actor per socket that subscribes to session actors directly; `/events` is the same stream for those
//! who prefer server-sent events, with everything since `Last-Event-ID`.

mod body;
mod door;
mod error;
mod events;
mod files;
mod health;
mod logs;
mod openapi;
mod sessions;
mod socket;
mod spawn;
mod usage;

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, web};
use arc_swap::ArcSwap;
use metrics_exporter_prometheus::PrometheusHandle;

pub use door::{Door, close_door};
pub use error::ApiError;

use crate::{
    ledger::{Ledger, StatsQuery},
    limiter::Limiter,
    registry::{Directory, Registry},
    store::Store,
    supervisor::{Post, Tree},
};

/// How Claude stands, as last found out: with a remark, or why it cannot be used.
pub type ClaudeHealth = Arc<ArcSwap<Result<Option<String>, String>>>;

/// How long the ledger's sums may keep the metrics waiting.
const LEDGER_ANSWER_MAX: Duration = Duration::from_millis(500);

/// What handlers work with. One clone per worker.
#[derive(Clone)]
pub struct Api {
    pub directory: Directory,
    pub registry: Post<Registry>,
    pub ledger: Post<Ledger>,
    pub limiter: Post<Limiter>,
    pub supervisor: Tree,
    pub store: Store,
    pub metrics: PrometheusHandle,
    /// `None` where nobody asks Claude.
    pub claude: Option<ClaudeHealth>,
    /// The prompt-to-live time that `POST /api/spawn` promises, in seconds.
    pub estimated_seconds: u32,
}

/// Adds all routes but the dashboard's.
pub fn configure(config: &mut web::ServiceConfig) {
    let only = || web::to(error::method_not_allowed);
    config
        .service(
            web::resource("/api/spawn")
                .route(web::post().to(spawn::spawn))
                .route(web::get().to(sessions::list))
                .default_service(only()),
        )
        .service(
            web::resource("/api/spawn/{id}")
                .route(web::get().to(sessions::show))
                .route(web::delete().to(sessions::destroy))
                .default_service(only()),
        )
        .service(
            web::resource("/api/spawn/{id}/extend").route(web::post().to(sessions::extend)).default_service(only()),
        )
        .service(web::resource("/api/spawn/{id}/events").route(web::get().to(events::events)).default_service(only()))
        .service(web::resource("/api/spawn/{id}/logs").route(web::get().to(logs::logs)).default_service(only()))
        .service(web::resource("/api/spawn/{id}/files").route(web::get().to(files::list)).default_service(only()))
        .service(
            web::resource("/api/spawn/{id}/files/{path:.*}").route(web::get().to(files::read)).default_service(only()),
        )
        .service(
            web::resource("/api/spawn/{id}/export.zip").route(web::get().to(files::export)).default_service(only()),
        )
        .service(web::resource("/api/usage").route(web::get().to(usage::usage)).default_service(only()))
        .service(web::resource("/api/supervisor").route(web::get().to(health::supervisor)).default_service(only()))
        .service(web::resource("/api/openapi.json").route(web::get().to(openapi::document)).default_service(only()))
        .service(web::resource("/ws").route(web::get().to(socket::open)).default_service(only()))
        .service(web::resource("/health").route(web::get().to(health::health)).default_service(only()))
        .service(web::resource("/ready").route(web::get().to(health::ready)).default_service(only()))
        .service(web::resource("/metrics").route(web::get().to(metrics)).default_service(only()));
}

/// For `App::default_service`: everything that is not a route.
pub async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::not_found("there is nothing at this address; see /api/openapi.json for what there is"))
}

async fn metrics(api: web::Data<Api>) -> HttpResponse {
    for actor in api.supervisor.views() {
        metrics::gauge!("spawnai_actor_mailbox", "actor" => actor.name).set(actor.mailbox as f64);
    }
    // A graph with a gap is better than one that makes its reader wait.
    if let Ok(stats) = api.ledger.ask_within(StatsQuery, LEDGER_ANSWER_MAX).await {
        metrics::gauge!("spawnai_ledger_spent_today_dollars").set(stats.today.spent.as_dollars());
        metrics::gauge!("spawnai_ledger_reserved_dollars").set(stats.today.reserved.as_dollars());
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(api.metrics.render())
}

/// Lets pages of the `origins` call the API; `*` lets all.
pub fn cors(origins: &[String]) -> actix_cors::Cors {
    let cors = actix_cors::Cors::default()
        .allowed_methods(["GET", "POST", "DELETE"])
        .allowed_headers(["content-type", "last-event-id", "x-request-id"])
        .expose_headers(["x-request-id", "retry-after", "location"])
        .block_on_origin_mismatch(false)
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| match origin.as_str() {
        "*" => cors.allow_any_origin(),
        origin => cors.allowed_origin(origin),
    })
}

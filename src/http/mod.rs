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

use actix_web::{HttpResponse, Resource, Route, guard, web};
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
    config
        .service(
            place("/api/spawn", "GET, HEAD, POST").route(web::post().to(spawn::spawn)).route(read().to(sessions::list)),
        )
        .service(
            place("/api/spawn/{id}", "DELETE, GET, HEAD")
                .route(read().to(sessions::show))
                .route(web::delete().to(sessions::destroy)),
        )
        .service(place("/api/spawn/{id}/extend", "POST").route(web::post().to(sessions::extend)))
        // What streams has no head without a body.
        .service(place("/api/spawn/{id}/events", "GET").route(web::get().to(events::events)))
        .service(place("/api/spawn/{id}/logs", "GET").route(web::get().to(logs::logs)))
        .service(place("/api/spawn/{id}/files", READ).route(read().to(files::list)))
        .service(place("/api/spawn/{id}/files/{path:.*}", READ).route(read().to(files::read)))
        .service(place("/api/spawn/{id}/export.zip", READ).route(read().to(files::export)))
        .service(place("/api/usage", READ).route(read().to(usage::usage)))
        .service(place("/api/supervisor", READ).route(read().to(health::supervisor)))
        .service(place("/api/openapi.json", READ).route(read().to(openapi::document)))
        .service(place("/ws", "GET").route(web::get().to(socket::open)))
        .service(place("/health", READ).route(read().to(health::health)))
        .service(place("/ready", READ).route(read().to(health::ready)))
        .service(place("/metrics", READ).route(read().to(metrics)));
}

const READ: &str = "GET, HEAD";

/// A path. What is not among `allowed` is answered with that.
fn place(path: &str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move |request| error::method_not_allowed(request, allowed)))
}

/// GET, and HEAD: the same without its body, as load balancers ask.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
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

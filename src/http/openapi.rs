//! The contract, in the words of OpenAPI 3.1.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::OpenApi;

use super::{error::Unsigned, events, files, health, logs, sessions, spawn, usage};
use crate::types::Category;

/// The body of every answer that says no.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    error: ErrorDetails,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetails {
    /// Stable: scripts may rely on it.
    code: String,
    /// One sentence for a person: what is wrong and what to do next.
    message: String,
    category: Category,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// Also in the `X-Request-Id` header.
    request_id: String,
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl From<Unsigned> for ErrorDetails {
    fn from(error: Unsigned) -> Self {
        let Unsigned { code, message, category, retryable, request_id, details } = error;
        Self { code, message, category, retryable, request_id, details }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "SpawnAI",
        description = "From a prompt to a live app at an HTTPS address.\n\nA WebSocket at `/ws` takes `session_subscribe`, `session_unsubscribe` and `session_destroy` frames (`{\"type\", \"sessionId\"}`) and sends `session_update`, `session_findings`, `session_error` and `session_expired`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        spawn::spawn, sessions::list, sessions::show, sessions::extend, sessions::destroy, events::events, logs::logs,
        files::list, files::read, files::export, usage::usage, health::health, health::ready, health::supervisor,
    ),
    components(schemas(ErrorBody)),
    tags(
        (name = "sessions", description = "Wishes and what becomes of them"),
        (name = "live", description = "Following a session"),
        (name = "files", description = "What was generated"),
        (name = "usage", description = "What was spent"),
        (name = "operation", description = "For whoever runs the engine"),
    ),
)]
struct Document;

pub(super) async fn document() -> HttpResponse {
    HttpResponse::Ok().json(Document::openapi())
}

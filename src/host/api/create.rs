//! `POST /sandboxes` and `POST /v2/sandboxes`: a sandbox is made, or refused in the protocol's words.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    Refusal, Retry, Shared,
    control::{parse, read},
    models::{Created, Generation, NewSandbox},
    snapshots,
};
use crate::host::{idempotency::is_key, sandboxes::CreateError};

/// When a client that came into a full queue may come again, in seconds: a start takes some tens of milliseconds.
const BUSY_RETRY_SECONDS: u32 = 1;

/// Makes a sandbox. With an `Idempotency-Key` that came before, the one that was made then.
pub async fn serve(
    shared: &Shared,
    request: &HttpRequest,
    payload: web::Payload,
    generation: Generation,
) -> Result<HttpResponse, Refusal> {
    let bytes = read(payload).await?;
    let asked: NewSandbox = parse(&bytes)?;
    let wish = snapshots::resolve(shared, asked.check(generation, &shared.config)?)?;
    let made = match key(request)? {
        None => shared.sandboxes.create(wish).await,
        Some(key) => {
            let mut fingerprint = DefaultHasher::new();
            (generation == Generation::V1, &bytes[..]).hash(&mut fingerprint);
            shared.sandboxes.create_once(key, fingerprint.finish(), wish).await
        }
    };
    match made {
        Ok(sandbox) => Ok(HttpResponse::Created().json(Created::of(&sandbox))),
        Err(err) => Err(refused(&err)),
    }
}

fn key(request: &HttpRequest) -> Result<Option<&str>, Refusal> {
    let Some(key) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    match key.to_str() {
        Ok(key) if is_key(key) => Ok(Some(key)),
        Ok(_) | Err(_) => Err(Refusal::new(400, "Idempotency-Key has 1 to 255 lower-case letters, digits and hyphens")),
    }
}

pub(super) fn refused(err: &CreateError) -> Refusal {
    match err {
        // Waiting mends nothing: somebody has to end one.
        CreateError::Full(count) => Refusal::new(
            429,
            format!(
                "you have reached the maximum number of concurrent E2B sandboxes ({count}): kill some, or raise the limit"
            ),
        )
        .with(Retry::Never),
        CreateError::Busy(waiting) => Refusal::new(
            429,
            format!("you have reached the rate limit of sandbox creations: {waiting} wait to be started"),
        )
        .with(Retry::After(BUSY_RETRY_SECONDS)),
        CreateError::KeyReused => {
            Refusal::new(422, "this Idempotency-Key came before, with another request").with(Retry::Never)
        }
        CreateError::KeySpent => {
            Refusal::new(409, "the sandbox of this Idempotency-Key is gone: use another key").with(Retry::Never)
        }
        CreateError::Closing => Refusal::new(503, "the host is shutting down"),
        CreateError::Egress(cause) => {
            tracing::error!(error = %cause, source = ?std::error::Error::source(cause), "cannot connect a sandbox");
            Refusal::new(500, format!("cannot start a sandbox: {cause}"))
        }
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

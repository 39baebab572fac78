//! The calls that change what a sandbox is: running, paused, gone, and until when.

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{
    Refusal, Shared,
    control::{body, found, unknown},
    create,
    models::{Created, check_timeout},
    snapshots,
};
use crate::host::{
    lifecycle::{Deadline, Effect, Kept, Rejected, Signal},
    pause::ChangeError,
    sandbox::Sandbox,
};

/// Defaults of the protocol, in seconds.
const RESUME_DEFAULT: u64 = 15;
const CONNECT_DEFAULT: u64 = 300;
const REFRESH_DEFAULT: u64 = 15;

/// `POST /sandboxes/{id}/timeout`, `…/connect` and `…/resume`.
#[derive(Debug, Default, Deserialize)]
struct Lease {
    timeout: Option<u64>,
    /// Of a paused one: `false` asks for its files only, and so for a boot.
    memory: Option<bool>,
}

/// `POST /sandboxes/{id}/pause`. Its `requireHealthyGuest` is what this host does anyway: PID 1 must answer.
#[derive(Debug, Default, Deserialize)]
struct Pause {
    memory: Option<bool>,
}

/// `POST /sandboxes/{id}/refreshes`.
#[derive(Debug, Default, Deserialize)]
struct Refresh {
    duration: Option<u64>,
}

pub async fn kill(shared: &Shared, id: &str) -> Result<HttpResponse, Refusal> {
    let mut next = Some(found(shared, id)?);
    // One that was just woken has a successor of the same id. Ends: each turn ends one of them.
    while let Some(sandbox) = next {
        sandbox.kill().await;
        next = shared.sandboxes.get(&sandbox.id);
    }
    Ok(HttpResponse::NoContent().finish())
}

pub async fn pause(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: Pause = body(payload).await?;
    let kept = if asked.memory == Some(false) { Kept::Files } else { Kept::Memory };
    change(shared, &sandbox, Signal::Pause(kept)).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub async fn resume(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let until = lease(shared, &sandbox, &body(payload).await?, RESUME_DEFAULT).await?;
    change(shared, &sandbox, Signal::Resume(until)).await?;
    Ok(HttpResponse::Created().json(Created::of(&sandbox)))
}

/// 200 for a sandbox that ran, 201 for one that was resumed.
pub async fn connect(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let until = lease(shared, &sandbox, &body(payload).await?, CONNECT_DEFAULT).await?;
    let status = match change(shared, &sandbox, Signal::Connect(until)).await? {
        Some(Effect::Thaw(_)) => StatusCode::CREATED,
        Some(Effect::Freeze(_) | Effect::Forget | Effect::Kill) | None => StatusCode::OK,
    };
    Ok(HttpResponse::build(status).json(Created::of(&sandbox)))
}

pub async fn set_timeout(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: Lease = body(payload).await?;
    let seconds = asked.timeout.ok_or_else(|| Refusal::new(400, "timeout is required"))?;
    let until = Deadline::after(check_timeout(seconds, shared.config.lifetime_max)?);
    with_deadline(shared, &sandbox, Signal::SetDeadline(until)).await
}

pub async fn refresh(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: Refresh = body(payload).await?;
    let duration = check_timeout(asked.duration.unwrap_or(REFRESH_DEFAULT), shared.config.lifetime_max)?;
    with_deadline(shared, &sandbox, Signal::Extend(Deadline::after(duration))).await
}

/// A paused sandbox has no deadline to change: the protocol knows only 404 for that.
async fn with_deadline(shared: &Shared, sandbox: &Arc<Sandbox>, signal: Signal) -> Result<HttpResponse, Refusal> {
    match shared.sandboxes.change(sandbox, signal).await {
        Ok(_) => Ok(HttpResponse::NoContent().finish()),
        Err(ChangeError::Rejected(Rejected::Paused)) => {
            Err(Refusal::new(404, format!("Sandbox \"{}\" is paused and has no timeout: resume it", sandbox.id)))
        }
        Err(err) => Err(refused(sandbox, &err)),
    }
}

/// Until when a sandbox is to run that is about to be resumed. One that is to boot from its files has given up its
/// memory then: "a no-op for snapshots that contain no memory", says the protocol, and for one that runs.
async fn lease(shared: &Shared, sandbox: &Arc<Sandbox>, asked: &Lease, default: u64) -> Result<Deadline, Refusal> {
    let timeout = check_timeout(asked.timeout.unwrap_or(default), shared.config.lifetime_max)?;
    if asked.memory == Some(false) {
        match shared.sandboxes.change(sandbox, Signal::Forget).await {
            Ok(_) | Err(ChangeError::Rejected(_)) => {}
            Err(err) => return Err(refused(sandbox, &err)),
        }
    }
    Ok(Deadline::after(timeout))
}

async fn change(shared: &Shared, sandbox: &Arc<Sandbox>, signal: Signal) -> Result<Option<Effect>, Refusal> {
    shared.sandboxes.change(sandbox, signal).await.map_err(|err| refused(sandbox, &err))
}

fn refused(sandbox: &Sandbox, err: &ChangeError) -> Refusal {
    let id = &sandbox.id;
    match err {
        ChangeError::Rejected(Rejected::Paused) => Refusal::new(409, format!("Sandbox \"{id}\" is already paused")),
        ChangeError::Rejected(Rejected::Running) => Refusal::new(409, format!("Sandbox \"{id}\" is already running")),
        ChangeError::Rejected(Rejected::Gone) | ChangeError::Agent(_) => unknown(id.as_str()),
        ChangeError::Asleep => Refusal::new(409, err.to_string()),
        ChangeError::Files(cause) => snapshots::refused(cause),
        ChangeError::Boot(cause) => create::refused(cause),
        ChangeError::Freezer(cause) => {
            tracing::error!(sandbox = %id, error = %cause, "cannot stop or resume a sandbox's programs");
            Refusal::new(500, err.to_string())
        }
    }
}

//! Snapshots and forks, as the protocol has them.
//!
//! A fork here begins with the files of its sandbox and nothing else: memory and programs are not copied.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::{
    Refusal, Shared,
    control::{body, found},
    create,
    list::{PAGE_MAX, cursor, read_cursor},
    models::{Created, TEMPLATE, check_timeout},
};
use crate::{
    host::{
        sandbox::{Request, Sandbox},
        snapshots::{self, Origin, Part, Query, Record, Reference, SnapshotError, SnapshotName, Snapshots},
    },
    types::Timestamp,
};

/// Forks of one call: as many as the SDKs ask for.
const FORKS_MAX: usize = 20;
/// Seconds that a fork lives unless its client says otherwise.
const FORK_TIMEOUT: u64 = 15;

/// `POST /sandboxes/{id}/snapshots`. `memory` is not read: only files are ever kept here.
#[derive(Debug, Default, Deserialize)]
struct NewSnapshot {
    name: Option<String>,
}

/// `POST /sandboxes/{id}/fork`.
#[derive(Debug, Default, Deserialize)]
struct NewForks {
    timeout: Option<u64>,
    count: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(rename = "snapshotID")]
    id: String,
    names: Vec<String>,
    /// Not of the protocol: when, and how many bytes are stored.
    created_at: Timestamp,
    bytes: u64,
}

impl Shown {
    fn of(record: &Record) -> Self {
        Self {
            id: record.whole_name(),
            names: record.name.iter().map(SnapshotName::to_string).collect(),
            created_at: record.created_at,
            bytes: record.bytes,
        }
    }
}

/// One fork's outcome.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Forked {
    Sandbox(Created),
    Error { code: u16, message: String },
}

/// Looks up what a new sandbox begins with.
///
/// # Errors
/// 404 for what is neither this host's template nor a snapshot.
pub fn resolve(shared: &Shared, request: Request) -> Result<Request, Refusal> {
    if request.template == TEMPLATE {
        return Ok(request);
    }
    let unknown = || {
        let template: String = request.template.chars().take(64).collect();
        Refusal::new(404, format!("template '{template}' not found: this host has '{TEMPLATE}' and its own snapshots"))
    };
    let record = shared.snapshots.find(&Reference::of(&request.template)).ok_or_else(unknown)?;
    let archive = shared.snapshots.archive(&record.id).map_err(|err| refused(&SnapshotError::Disk(err)))?;
    let files = Some(archive.ok_or_else(unknown)?);
    Ok(Request { template: record.id, files, ..request })
}

pub async fn create(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: NewSnapshot = body(payload).await?;
    let name = asked.name.filter(|name| !name.is_empty()).map(|name| name.parse::<SnapshotName>()).transpose();
    let name = name.map_err(|err| Refusal::new(400, err.to_string()))?;
    let (snapshots, limits) = (Arc::clone(&shared.snapshots), shared.config.limits);
    // A task, so that a client that goes away in the middle leaves a whole snapshot or none.
    let taken = shared.sandboxes.tasks.spawn(async move {
        let part = take(&snapshots, &sandbox, &limits).await?;
        let origin = Origin { sandbox: sandbox.id.clone(), template: sandbox.request.template.clone() };
        snapshots.keep(part, name, origin, Timestamp::now()).await
    });
    match taken.await.unwrap_or(Err(SnapshotError::Ended)) {
        Ok(record) => Ok(HttpResponse::Created().json(Shown::of(&record))),
        Err(err) => Err(refused(&err)),
    }
}

pub async fn fork(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: NewForks = body(payload).await?;
    let count = asked.count.unwrap_or(1);
    if !(1..=FORKS_MAX).contains(&count) {
        return Err(Refusal::new(400, format!("count is 1 to {FORKS_MAX}")));
    }
    let timeout = check_timeout(asked.timeout.unwrap_or(FORK_TIMEOUT), shared.config.lifetime_max)?;
    let (snapshots, limits, source) = (Arc::clone(&shared.snapshots), shared.config.limits, Arc::clone(&sandbox));
    let taken = shared.sandboxes.tasks.spawn(async move {
        let part = take(&snapshots, &source, &limits).await?;
        part.archive().map_err(SnapshotError::Disk)
    });
    let archive = taken.await.unwrap_or(Err(SnapshotError::Ended)).map_err(|err| refused(&err))?;
    let rules = sandbox.egress.rules().as_ref().clone();
    let request = Request { timeout, rules, files: Some(archive), ..sandbox.request.clone() };
    // Side by side as far as the host starts any; each is told of by itself.
    let forks = join_all((0..count).map(async |_| match shared.sandboxes.create(request.clone()).await {
        Ok(fork) => Forked::Sandbox(Created::of(&fork)),
        Err(err) => {
            let Refusal { code, message, .. } = create::refused(&err);
            Forked::Error { code, message }
        }
    }));
    Ok(HttpResponse::Created().json(forks.await))
}

pub fn list(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let query = query(request.query_string())?;
    let (page, more) = query.select(shared.snapshots.all());
    let mut response = HttpResponse::Ok();
    if let Some(last) = page.last().filter(|_| more) {
        response.insert_header(("X-Next-Token", cursor(last.created_at, &last.id)));
    }
    Ok(response.json(page.iter().map(Shown::of).collect::<Vec<_>>()))
}

fn query(text: &str) -> Result<Query, Refusal> {
    let mut query = Query { limit: PAGE_MAX, ..Query::default() };
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match &*name {
            "sandboxID" => query.sandbox = Some(value.into_owned()),
            "name" => query.name = Some(Reference::of(&value)),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
                query.limit = limit.ok_or_else(|| Refusal::new(400, format!("limit is 1 to {PAGE_MAX}")))?;
            }
            "nextToken" if !value.is_empty() => {
                let after = read_cursor(&value).ok_or_else(|| Refusal::new(400, "nextToken is not one of ours"))?;
                query.after = Some(after);
            }
            _ => {}
        }
    }
    Ok(query)
}

/// `DELETE /templates/{id}`: of templates only snapshots can be deleted.
pub async fn remove(shared: &Shared, id: &str) -> Result<HttpResponse, Refusal> {
    // A whole name holds ':', and possibly '/'.
    let name = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    if name == TEMPLATE {
        return Err(Refusal::new(403, format!("'{TEMPLATE}' is this host's own template")));
    }
    let (snapshots, reference) = (Arc::clone(&shared.snapshots), Reference::of(&name));
    let removed = shared.sandboxes.tasks.spawn(async move { snapshots.remove(&reference).await }).await;
    match removed.unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into())) {
        Ok(true) => Ok(HttpResponse::NoContent().finish()),
        Ok(false) => {
            let name: String = name.chars().take(64).collect();
            Err(Refusal::new(404, format!("snapshot '{name}' not found")))
        }
        Err(err) => Err(refused(&SnapshotError::Disk(err))),
    }
}

async fn take(
    snapshots: &Snapshots,
    sandbox: &Sandbox,
    limits: &crate::host::config::Limits,
) -> Result<Part, SnapshotError> {
    let _permit = snapshots.takes.acquire().await.map_err(|_| SnapshotError::Ended)?;
    let part = snapshots.begin()?;
    snapshots::take(sandbox, part, limits).await
}

/// What did not come to be, in the protocol's words.
pub fn refused(err: &SnapshotError) -> Refusal {
    let code = match err {
        SnapshotError::Ended => 404,
        SnapshotError::Paused => 409,
        SnapshotError::TooLarge(_) => 413,
        SnapshotError::TooMany(_) | SnapshotError::Full(_) | SnapshotError::DoesNotFit(_) => 507,
        SnapshotError::Disk(cause) => {
            tracing::error!(error = %cause, "cannot use the snapshots' folder");
            if cause.raw_os_error() == Some(libc::ENOSPC) { 507 } else { 500 }
        }
        SnapshotError::Damaged
        | SnapshotError::TimedOut(_)
        | SnapshotError::Inside(_)
        | SnapshotError::Agent(_)
        | SnapshotError::Freezer(_) => 500,
    };
    Refusal::new(code, err.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_asked_for_as_the_sdks_do() {
        let read = query("sandboxID=iabc&name=team%2Fsnap%3Av1&limit=5&nextToken=").unwrap();
        let name = Some(Reference::of("team/snap:v1"));
        assert_eq!(read, Query { sandbox: Some("iabc".to_owned()), name, limit: 5, after: None });
        for text in ["limit=0", "limit=101", "limit=x", "nextToken=%00"] {
            assert_eq!(query(text).unwrap_err().code, 400, "{text}");
        }
    }

    #[test]
    fn a_fork_is_told_of_as_one_or_the_other() {
        let error = Forked::Error { code: 429, message: "full".to_owned() };
        assert_eq!(serde_json::to_value(&error).unwrap(), json!({"error": {"code": 429, "message": "full"}}));
    }
}

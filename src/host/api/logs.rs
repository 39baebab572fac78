//! What befell a sandbox: `GET /sandboxes/{id}/logs` and `GET /v2/sandboxes/{id}/logs`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;

use super::{
    Refusal, Shared,
    control::{found, number, text},
};
use crate::{
    host::journal::{Entry, Level, Wanted},
    types::Timestamp,
};

/// Entries of one answer.
const LIMIT_MAX: u64 = 1000;
/// Bytes of what is searched for.
const SEARCH_MAX: usize = 256;

#[derive(Debug, Serialize)]
struct Shown {
    timestamp: Timestamp,
    level: &'static str,
    message: String,
    fields: BTreeMap<&'static str, String>,
}

impl From<Entry> for Shown {
    fn from(entry: Entry) -> Self {
        let level = match entry.level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        Self { timestamp: entry.at, level, message: entry.message, fields: entry.fields.into_iter().collect() }
    }
}

pub fn v1(shared: &Shared, id: &str, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let wanted = Wanted {
        from: time(number(request, "start")?.unwrap_or(0)),
        backward: false,
        level: Level::Debug,
        search: String::new(),
        limit: limit(request)?,
    };
    let entries: Vec<_> = sandbox.journal(|journal| journal.read(&wanted)).into_iter().map(Shown::from).collect();
    let lines: Vec<_> =
        entries.iter().map(|entry| json!({ "timestamp": entry.timestamp, "line": entry.message })).collect();
    Ok(HttpResponse::Ok().json(json!({ "logs": lines, "logEntries": entries })))
}

pub fn v2(shared: &Shared, id: &str, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let backward = match text(request, "direction").as_deref() {
        None | Some("forward") => false,
        Some("backward") => true,
        Some(_) => return Err(Refusal::new(400, "direction is forward or backward")),
    };
    let level = match text(request, "level").as_deref() {
        None | Some("debug") => Level::Debug,
        Some("info") => Level::Info,
        Some("warn") => Level::Warn,
        Some("error") => Level::Error,
        Some(_) => return Err(Refusal::new(400, "level is debug, info, warn or error")),
    };
    let search = text(request, "search").unwrap_or_default();
    if search.len() > SEARCH_MAX {
        return Err(Refusal::new(400, format!("search has at most {SEARCH_MAX} bytes")));
    }
    // Back from the end, or forth from the beginning.
    let from = number(request, "cursor")?.unwrap_or(if backward { u64::MAX } else { 0 });
    let wanted = Wanted { from: time(from), backward, level, search, limit: limit(request)? };
    let entries = sandbox.journal(|journal| journal.read(&wanted));
    Ok(HttpResponse::Ok().json(json!({ "logs": entries.into_iter().map(Shown::from).collect::<Vec<_>>() })))
}

fn time(millis: u64) -> Timestamp {
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn limit(request: &HttpRequest) -> Result<usize, Refusal> {
    let limit = number(request, "limit")?.unwrap_or(LIMIT_MAX);
    if limit > LIMIT_MAX {
        return Err(Refusal::new(400, format!("limit is 0 to {LIMIT_MAX}")));
    }
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

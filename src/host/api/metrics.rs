//! What sandboxes use: `GET /sandboxes/{id}/metrics` and `GET /sandboxes/metrics`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::{
    Refusal, Shared,
    control::{found, number},
};
use crate::{
    host::{config::Limits, history::Sample},
    types::Timestamp,
};

/// Sandboxes of one `GET /sandboxes/metrics`.
const IDS_MAX: usize = 100;

/// One sample, as the protocol says it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    timestamp: Timestamp,
    timestamp_unix: u32,
    cpu_count: u32,
    /// Of one processor, since the sample before.
    cpu_used_pct: f64,
    mem_used: u64,
    mem_total: u64,
    /// Not told apart: a sandbox's files lie in memory, and are part of what it uses.
    mem_cache: u64,
    disk_used: u64,
    disk_total: u64,
}

impl Metric {
    fn of(sample: Sample, limits: &Limits) -> Self {
        Self {
            timestamp: Timestamp(i64::from(sample.second) * 1000),
            timestamp_unix: sample.second,
            cpu_count: limits.vcpus,
            cpu_used_pct: sample.cpu_percent(),
            mem_used: sample.memory_bytes(),
            mem_total: u64::from(limits.memory_mib) << 20,
            mem_cache: 0,
            disk_used: sample.disk_bytes(),
            disk_total: u64::from(limits.disk_mib) << 20,
        }
    }
}

/// The samples from `start` to `end`, in seconds, and what it uses now when that lies between.
pub async fn one(shared: &Shared, id: &str, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let start = number(request, "start")?.unwrap_or(0);
    let end = number(request, "end")?.unwrap_or(u32::MAX.into());
    if start > end {
        return Err(Refusal::new(400, "start is after end"));
    }
    let second = |seconds: u64| u32::try_from(seconds).unwrap_or(u32::MAX);
    let now = sandbox.sample_now().await.filter(|now| (start..=end).contains(&now.second.into()));
    let kept: Vec<_> = sandbox.history(|history| history.between(second(start), second(end)).collect());
    let limits = &shared.config.limits;
    let metrics: Vec<_> = kept.into_iter().chain(now).map(|sample| Metric::of(sample, limits)).collect();
    Ok(HttpResponse::Ok().json(metrics))
}

/// The newest of each sandbox that is asked for and there.
pub async fn many(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let asked = url::form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| name == "sandbox_ids")
        .flat_map(|(_, ids)| ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect::<Vec<_>>());
    let asked: Vec<_> = asked.take(IDS_MAX + 1).collect();
    if asked.is_empty() || asked.len() > IDS_MAX {
        return Err(Refusal::new(400, format!("sandbox_ids is 1 to {IDS_MAX} ids with commas between")));
    }
    let mut sandboxes = BTreeMap::new();
    for id in asked {
        let Ok(sandbox) = found(shared, &id) else { continue };
        let newest = match sandbox.sample_now().await {
            Some(now) => Some(now),
            None => sandbox.history(|history| history.last()),
        };
        sandboxes.extend(newest.map(|sample| (id, Metric::of(sample, &shared.config.limits))));
    }
    Ok(HttpResponse::Ok().json(serde_json::json!({ "sandboxes": sandboxes })))
}

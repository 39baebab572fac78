//! What sandboxes use: `GET /sandboxes/{id}/metrics` and `GET /sandboxes/metrics`.
//!
//! No history is kept, since that would cost every sandbox something that few ask for: a sample is taken when somebody
//! asks, and stands for the interval before it. Whoever asks about another time hears of no sample.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::{Refusal, Shared, models::Metric};
use crate::{
    host::{error::AgentError, sandbox::Sandbox},
    types::{SandboxId, Timestamp},
};

/// How far back a sample speaks, in seconds: as often as the cloud takes one.
const INTERVAL: i64 = 5;
/// Sandboxes in one request. The protocol's own bound.
const SANDBOXES_MAX: usize = 100;

/// The times that are asked about, in seconds since the epoch, both included.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    start: i64,
    end: i64,
}

impl Range {
    fn of(query: &str) -> Result<Self, Refusal> {
        let mut range = Self { start: i64::MIN, end: i64::MAX };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let bound = match &*name {
                "start" => &mut range.start,
                "end" => &mut range.end,
                _ => continue,
            };
            let seconds = value.parse().ok().filter(|seconds| *seconds >= 0);
            *bound = seconds.ok_or_else(|| Refusal::new(400, format!("{name} is in whole seconds since 1970")))?;
        }
        if range.start > range.end {
            return Err(Refusal::new(400, "start is after end"));
        }
        Ok(range)
    }

    /// Whether a sample of `now` tells about it.
    const fn includes(&self, now: i64) -> bool {
        self.start <= now && now.saturating_sub(INTERVAL) <= self.end
    }
}

/// One sandbox's.
pub async fn one(shared: &Shared, sandbox: &Sandbox, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let (range, now) = (Range::of(request.query_string())?, Timestamp::now());
    if !range.includes(now.0 / 1000) {
        return Ok(HttpResponse::Ok().json(json!([])));
    }
    let metric = sample(shared, sandbox, now).await.map_err(|err| Refusal::new(502, err.to_string()))?;
    Ok(HttpResponse::Ok().json([metric]))
}

/// Several sandboxes'. Those that are not there, or end just now, are left out.
pub async fn several(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let mut metrics = BTreeMap::new();
    for id in ids(request.query_string())? {
        let Some(sandbox) = shared.sandboxes.get(&id) else { continue };
        if let Ok(metric) = sample(shared, &sandbox, Timestamp::now()).await {
            metrics.insert(id, metric);
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "sandboxes": metrics })))
}

fn ids(query: &str) -> Result<Vec<SandboxId>, Refusal> {
    let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "sandbox_ids");
    let listed: Vec<_> = pairs.map(|(_, value)| value.into_owned()).collect();
    let ids: Result<Vec<SandboxId>, _> =
        listed.iter().flat_map(|value| value.split(',')).filter(|id| !id.is_empty()).map(str::parse).collect();
    let ids = ids.map_err(|err| Refusal::new(400, err.to_string()))?;
    if ids.is_empty() || ids.len() > SANDBOXES_MAX {
        return Err(Refusal::new(400, format!("sandbox_ids are 1 to {SANDBOXES_MAX} ids with commas between")));
    }
    Ok(ids)
}

async fn sample(shared: &Shared, sandbox: &Sandbox, now: Timestamp) -> Result<Metric, AgentError> {
    let (used, total) = sandbox.disk().await?;
    let (usage, limits) = (sandbox.usage(), shared.config.limits);
    let lived_nanos = now.millis_since(sandbox.started_at).max(1) as f64 * 1e6;
    Ok(Metric {
        timestamp: now,
        timestamp_unix: now.0 / 1000,
        cpu_count: limits.vcpus,
        cpu_used_pct: usage.cpu_nanos.unwrap_or(0) as f64 / lived_nanos * 100.0,
        mem_used: usage.memory_bytes.unwrap_or(0),
        mem_total: u64::from(limits.memory_mib) << 20,
        mem_cache: 0,
        disk_used: used,
        disk_total: total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_tells_about_now_and_the_interval_before() {
        let includes = |query: &str| Range::of(query).unwrap().includes(1000);
        for query in ["", "start=0", "end=1000", "start=1000&end=1000", "start=900&end=995", "other=x"] {
            assert!(includes(query), "{query}");
        }
        for query in ["start=1001", "end=994", "start=0&end=500"] {
            assert!(!includes(query), "{query}");
        }
        for query in ["start=-1", "end=soon", "start=5&end=4", "start="] {
            assert_eq!(Range::of(query).unwrap_err().code, 400, "{query}");
        }
    }

    #[test]
    fn several_are_named_within_the_bound() {
        let named: Vec<SandboxId> = ["a1", "b2", "c3"].map(|id| id.parse().unwrap()).into();
        assert_eq!(ids("sandbox_ids=a1,b2&sandbox_ids=c3").unwrap(), named);
        let many = format!("sandbox_ids={}", vec!["a1"; SANDBOXES_MAX + 1].join(","));
        for query in ["", "sandbox_ids=", "sandbox_ids=a-b", &many] {
            assert_eq!(ids(query).unwrap_err().code, 400, "{query}");
        }
    }
}

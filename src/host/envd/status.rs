//! What a sandbox says of itself: `GET /metrics` and `GET /envs`.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::Method};
use serde::Serialize;

use super::files::refusal;
use crate::{
    host::{api::Refusal, sandbox::Sandbox, sandboxes::Sandboxes},
    types::Timestamp,
};

/// How long processor time is watched for the share that is used now.
const WINDOW: Duration = Duration::from_millis(100);

/// `Metrics` of the protocol. What this machine does not count is left out.
#[derive(Serialize)]
struct Metrics {
    /// Seconds since the epoch.
    ts: i64,
    cpu_count: u32,
    /// Of all its processors, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_used_pct: Option<f64>,
    /// Bytes, as the other sizes that do not say otherwise.
    mem_total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    mem_used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mem_cache: Option<u64>,
    mem_total_mib: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    mem_used_mib: Option<u64>,
    disk_used: u64,
    disk_total: u64,
}

pub async fn metrics(sandboxes: &Sandboxes, sandbox: &Sandbox, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    only_get(request)?;
    let limits = &sandboxes.site.limits;
    let (disk_used, disk_total) = sandbox.disk().await.map_err(|err| refusal(&err, "/home/user"))?;
    let (before, began) = (sandbox.usage().cpu_nanos, tokio::time::Instant::now());
    tokio::time::sleep(WINDOW).await;
    let (usage, passed) = (sandbox.usage(), began.elapsed());
    let mem_total = u64::from(limits.memory_mib) << 20;
    let metrics = Metrics {
        ts: Timestamp::now().0 / 1000,
        cpu_count: limits.vcpus,
        cpu_used_pct: usage.cpu_nanos.zip(before).map(|(now, before)| share(now, before, passed, limits.vcpus)),
        mem_total,
        mem_used: usage.memory_bytes,
        mem_cache: sandbox.memory_cache(),
        mem_total_mib: mem_total >> 20,
        mem_used_mib: usage.memory_bytes.map(|bytes| bytes >> 20),
        disk_used,
        disk_total,
    };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(metrics))
}

/// In hundredths of what all processors give, with two digits after the point.
fn share(now: u64, before: u64, passed: Duration, processors: u32) -> f64 {
    let given = passed.as_nanos() as f64 * f64::from(processors.max(1));
    let used = now.saturating_sub(before) as f64 / given.max(1.0);
    (used * 10_000.0).round().min(10_000.0) / 100.0
}

/// What programs find in their environment because of the sandbox and of who made it.
pub fn environment(sandbox: &Sandbox, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    only_get(request)?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(variables(sandbox)))
}

/// The variables that every program in the sandbox has, unless the one who starts it says otherwise.
pub fn variables(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([
        ("E2B_SANDBOX".to_owned(), "true".to_owned()),
        ("E2B_SANDBOX_ID".to_owned(), sandbox.id.to_string()),
    ]);
    variables.extend(sandbox.request.environment.clone());
    variables
}

fn only_get(request: &HttpRequest) -> Result<(), Refusal> {
    if request.method() == Method::GET { Ok(()) } else { Err(Refusal::new(405, "method not allowed")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_processors_and_never_above_the_whole() {
        let second = Duration::from_secs(1);
        assert_eq!(share(1_500_000_000, 500_000_000, second, 2), 50.0);
        assert_eq!(share(1, 0, second, 1), 0.0);
        assert_eq!(share(9_000_000_000, 0, second, 2), 100.0, "more than the quota in a short window");
        assert_eq!(share(0, 5, Duration::ZERO, 0), 0.0);
    }
}

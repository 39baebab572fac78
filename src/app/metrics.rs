//! What the engine counts for Prometheus, and in what words.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::warn;

use super::StartError;

/// Upper bounds of the histograms: around the target of 60 s, and of $0.10.
const SECONDS_BUCKETS: [f64; 11] = [0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 300.0];
const DOLLARS_BUCKETS: [f64; 10] = [0.0001, 0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

pub(super) fn recorder() -> Result<PrometheusHandle, StartError> {
    // Buckets, since they can be added up over engines, and take the same memory for ever.
    let histograms = [
        ("spawnai_prompt_to_live_seconds", SECONDS_BUCKETS.as_slice()),
        ("spawnai_session_cost_dollars", &DOLLARS_BUCKETS),
    ];
    let builder = histograms.into_iter().try_fold(PrometheusBuilder::new(), |builder, (name, buckets)| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)
    });
    let recorder = builder.unwrap_or_default().build_recorder();
    let handle = recorder.handle();
    // A second engine in one process, as in tests, shares the first one's numbers.
    if metrics::set_global_recorder(recorder).is_err() {
        warn!("metrics are collected elsewhere in this process already");
    }
    describe();
    Ok(handle)
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_gauge!("spawnai_sessions_open", "Sessions that are not over");
    describe_counter!("spawnai_sessions_total", "Sessions accepted since the start");
    describe_counter!(
        "spawnai_sessions_ended_total",
        "Sessions that are over, by how: destroyed, timeout, budget, error"
    );
    describe_histogram!("spawnai_prompt_to_live_seconds", Unit::Seconds, "From acceptance to the first ready");
    describe_histogram!("spawnai_session_cost_dollars", "Final cost of a session");
    describe_counter!("spawnai_session_rebuilds_total", "Session actors built anew from the store");
    describe_counter!("spawnai_session_panics_total", "Session actors that panicked");
    describe_counter!("spawnai_actor_restarts_total", "Actors that there is one of, made anew, by name");
    describe_counter!("spawnai_actor_panics_total", "Actors that there is one of, ended by a panic, by name");
    describe_gauge!("spawnai_ledger_spent_today_dollars", "Spent since midnight UTC");
    describe_gauge!("spawnai_ledger_reserved_dollars", "Held for sessions that are not over");
    describe_gauge!("spawnai_actor_mailbox", "Messages that wait for an actor, by name");
    describe_gauge!("spawnai_websockets_open", "Open WebSockets of the API");
    describe_counter!("spawnai_http_refusals_total", "API requests that were refused, by error code");
    describe_counter!("spawnai_gateway_requests_total", "Requests of the apps' visitors, by outcome");
    describe_gauge!("spawnai_gateway_open_tunnels", "Open WebSockets of the apps' visitors");
}

//! What a process that runs for months does for itself now and then.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;

/// How often the sums that the metrics show are brought up to date.
const EVERY: Duration = Duration::from_secs(5);

/// Goes on until it is dropped.
pub(super) async fn upkeep(metrics: PrometheusHandle) {
    loop {
        actix_rt::time::sleep(EVERY).await;
        metrics.run_upkeep();
    }
}

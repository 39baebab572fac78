//! Where the log goes, and how much of it.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::{EnvFilter, fmt};

/// Logs to standard error from now on: standard output belongs to answers. A filter that cannot be read is said so, and
/// `info` takes its place.
pub fn start(filter: &str) {
    let (filter, complaint) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    // It shouts when a visitor hangs up in the middle of an answer, which is a visitor's right.
    let filter = match "actix_http::h1::dispatcher=off".parse() {
        Ok(quiet) => filter.add_directive(quiet),
        Err(_) => filter,
    };
    let log = fmt().with_env_filter(filter).with_writer(stderr).with_ansi(stderr().is_terminal()).with_target(false);
    // Fails only where a log has been started already, as in tests.
    let _ = log.try_init();
    if let Some(error) = complaint {
        tracing::warn!(%error, "the log filter (RUST_LOG) cannot be used; logging at info");
    }
}

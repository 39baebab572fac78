//! Where the log goes, and how much of it.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

/// Libraries that say more than anybody wants: the server's account of its own start, and an error whenever a visitor hangs
/// up in the middle of an answer, which is a visitor's right.
const QUIET: [&str; 2] = ["actix_server=warn", "actix_http::h1::dispatcher=off"];

/// Logs to standard error from now on: standard output belongs to answers. A filter that cannot be read is said so, and
/// `info` takes its place.
pub fn start(filter: &str) {
    let (filter, complaint) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let filter = QUIET.iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive);
    // Fails only where a log has been started already, as in tests.
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).with_target(false);
    let _ = log.try_init();
    if let Some(error) = complaint {
        tracing::warn!(%error, "the log filter (RUST_LOG) cannot be used; logging at info");
    }
}

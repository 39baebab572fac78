//! Where sandboxes come from, and how many are kept.

use std::time::Duration;

use crate::types::{Addressing, SandboxSize, Secret};

/// An E2B-compatible host: the cloud, a self-hosted cluster, or the embedded host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The control plane, without a slash at its end: `https://api.e2b.app`, `http://127.0.0.1:8090`.
    pub api_url: String,
    /// How ports of its sandboxes are reached.
    pub addressing: Addressing,
    /// `X-API-Key`.
    pub api_key: Secret,
}

/// This box's settings. [`Config::near`] and [`Config::cloud`] are the two sensible starting points.
#[derive(Clone, Debug)]
pub struct Config {
    pub endpoint: Endpoint,
    /// Names this engine in the metadata of every sandbox it makes (`spawnai`), so that orphans can be found.
    pub instance: String,
    /// The E2B template; `base` exists everywhere.
    pub template: String,
    /// What the template's sandboxes are given: the protocol says it nowhere at creation, and time is charged by it.
    pub size: SandboxSize,
    /// Sandboxes kept ready ahead of any need.
    pub warm: usize,
    /// Creations under way at once, at least 1.
    pub starts_max: usize,
    /// Callers that may wait for a sandbox at once.
    pub waiting_max: usize,
    /// How long a caller waits before it is told that there is none.
    pub wait: Duration,
}

impl Config {
    /// For the embedded host: creations cost only this machine's cores, so no more at once than it has.
    #[must_use]
    pub fn near(endpoint: Endpoint, instance: String) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        Self { warm: 2, starts_max: cores.max(2), ..Self::cloud(endpoint, instance) }
    }

    /// For E2B's cloud: a warm sandbox costs money there, and the hobby plan allows one creation a second.
    #[must_use]
    pub fn cloud(endpoint: Endpoint, instance: String) -> Self {
        Self {
            endpoint,
            instance,
            template: "base".to_owned(),
            size: SandboxSize { vcpus: 2, memory_mib: 512 },
            warm: 0,
            starts_max: 2,
            waiting_max: 128,
            wait: Duration::from_secs(30),
        }
    }
}

//! The settings of an engine, read once at its start.
//!
//! ```text
//!   --flags  ──►┐
//!   variables ─►├─ layers (text and numbers, each knowing its origin) ─► Settings (typed, in bounds)
//!   spawnai.toml►┘                                                    └► SettingsError (key, value, what would do)
//! ```
//! A flag beats a variable beats the file. Every key has one row in [`keys`]: its variable, whether it is secret, and
//! the sentence that says what it accepts. Unknown keys and unknown `SPAWNAI_*` variables are errors: a misspelt limit
//! that is silently ignored is worse than a start that fails.

mod flags;
mod keys;
mod load;
mod values;

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

use crate::types::{Cidr, MicroUsd, Plan, SandboxSize, Secret};

pub use self::{
    flags::{HostFlags, SettingFlags},
    load::{SettingsError, Sources},
};

/// Every setting of an engine. The field names are the keys of `spawnai.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// API, dashboard and `/ws`: plain HTTP.
    pub listen: SocketAddr,
    /// The gateway to apps and sandboxes: TLS.
    pub gateway_listen: SocketAddr,
    /// Apps live at `{slug}.{gateway_domain}`, sandboxes at `{port}-{sandboxId}.{gateway_domain}`.
    #[serde(deserialize_with = "values::domain")]
    pub gateway_domain: String,
    /// The embedded sandbox host: plain HTTP. Unused with an E2B key.
    pub host_listen: SocketAddr,
    /// The engine's own folder: store, certificates, keys, sandboxes.
    #[serde(deserialize_with = "values::path")]
    pub data_dir: PathBuf,
    pub plan: Plan,
    /// How long a session lives unless extended, in minutes; at most the plan's lifetime.
    #[serde(deserialize_with = "values::within::<1, 1440, _, _>")]
    pub session_minutes: u32,
    /// When the engine stops: how long sessions on their way may take to come to rest, in seconds.
    #[serde(deserialize_with = "values::within::<0, 3600, _, _>")]
    pub drain_seconds: u32,
    /// What one session may cost; it ends when that is spent.
    #[serde(deserialize_with = "values::dollars")]
    pub session_budget_usd: MicroUsd,
    /// What one user's sessions may cost in a day (UTC); `None` is no bound.
    #[serde(deserialize_with = "values::maybe_dollars")]
    pub user_day_budget_usd: Option<MicroUsd>,
    /// What all sessions together may cost in a day (UTC); `None` is no bound.
    #[serde(deserialize_with = "values::maybe_dollars")]
    pub total_day_budget_usd: Option<MicroUsd>,
    /// Sandboxes kept started and empty, so that a session need not wait for one.
    #[serde(deserialize_with = "values::within::<0, 64, _, _>")]
    pub warm_sandboxes: usize,
    /// Sandboxes that may be starting at the same time.
    #[serde(deserialize_with = "values::within::<1, 256, _, _>")]
    pub concurrent_starts: usize,
    /// Sandboxes that the embedded host has at the same time, at most.
    #[serde(deserialize_with = "values::within::<1, 2047, _, _>")]
    pub sandboxes_max: usize,
    /// Spawns per minute that one caller may keep up.
    #[serde(deserialize_with = "values::within::<1, 100_000, _, _>")]
    pub spawn_per_minute: u32,
    /// Spawns that one caller may make at once before `spawn_per_minute` holds.
    #[serde(deserialize_with = "values::within::<1, 100_000, _, _>")]
    pub spawn_burst: u32,
    #[serde(deserialize_with = "values::within::<1, 8, _, _>")]
    pub sandbox_vcpus: u32,
    /// MiB of memory of one sandbox.
    #[serde(deserialize_with = "values::within::<64, 8192, _, _>")]
    pub sandbox_memory_mib: u32,
    /// Whether apps reach the internet.
    pub internet: bool,
    /// Whether a sandbox that a client of the embedded host makes reaches the internet when the client does not say.
    pub host_internet: bool,
    /// Addresses that sandboxes of the embedded host may connect to although they are not the public internet's.
    pub host_egress_allow: Vec<Cidr>,
    /// Threads that serve HTTP.
    #[serde(deserialize_with = "values::within::<1, 64, _, _>")]
    pub workers: usize,
    /// Web origins whose pages may call the API; `*` is every one.
    #[serde(deserialize_with = "values::origins")]
    pub cors_origins: Vec<String>,
    /// The model of Claude that is asked first; `None` is the usual one.
    #[serde(deserialize_with = "values::word")]
    pub claude_model: Option<String>,
    /// The one that is asked when the first fails; `None` is the usual one, `none` is none.
    #[serde(deserialize_with = "values::word")]
    pub claude_second_model: Option<String>,
    /// Version of the Messages API.
    #[serde(deserialize_with = "values::word")]
    pub claude_version: Option<String>,
    /// Whether the built-in generator serves when Claude cannot.
    #[serde(deserialize_with = "values::built_in_or_none")]
    pub claude_fallback: bool,
    /// A TOML file with models and their prices; `None` is Anthropic's public ones.
    #[serde(deserialize_with = "values::maybe_path")]
    pub claude_prices: Option<PathBuf>,
    pub anthropic_api_key: Option<Secret>,
    pub anthropic_auth_token: Option<Secret>,
    #[serde(deserialize_with = "values::web_address")]
    pub anthropic_base_url: Option<String>,
    pub e2b_api_key: Option<Secret>,
    #[serde(deserialize_with = "values::web_address")]
    pub e2b_api_url: Option<String>,
    /// Where all sandboxes are reached, told apart by headers; `None` gives each host names of its own under the domain.
    #[serde(deserialize_with = "values::web_address")]
    pub e2b_sandbox_url: Option<String>,
    #[serde(deserialize_with = "values::maybe_domain")]
    pub e2b_domain: Option<String>,
    /// `sqlite://…` or `postgres://…`; `None` is SQLite in the data folder. Secret, since it may hold a password.
    #[serde(deserialize_with = "values::database")]
    pub database_url: Option<Secret>,
    /// `redis://…` or `rediss://…`. Secret, since it may hold a password.
    #[serde(deserialize_with = "values::redis")]
    pub redis_url: Option<Secret>,
    /// Where traces go, by OTLP over HTTP.
    #[serde(deserialize_with = "values::web_address")]
    pub otel_endpoint: Option<String>,
    /// A TOML file with what the guard lets through; `None` is its defaults.
    #[serde(deserialize_with = "values::maybe_path")]
    pub guard_policy: Option<PathBuf>,
    /// The filter of the log, in the syntax of `RUST_LOG`.
    pub log: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            listen: loopback(8080),
            gateway_listen: loopback(8443),
            gateway_domain: "localhost".to_owned(),
            host_listen: loopback(8090),
            data_dir: PathBuf::from(".spawnai"),
            plan: Plan::Hobby,
            session_minutes: 30,
            drain_seconds: 10,
            session_budget_usd: MicroUsd(500_000),
            user_day_budget_usd: None,
            total_day_budget_usd: None,
            warm_sandboxes: 2,
            concurrent_starts: cores.min(256),
            sandboxes_max: 1100,
            spawn_per_minute: 60,
            spawn_burst: 20,
            sandbox_vcpus: 1,
            sandbox_memory_mib: 512,
            internet: false,
            host_internet: false,
            host_egress_allow: Vec::new(),
            workers: cores.min(64),
            cors_origins: Vec::new(),
            claude_model: None,
            claude_second_model: None,
            claude_version: None,
            claude_fallback: true,
            claude_prices: None,
            anthropic_api_key: None,
            anthropic_auth_token: None,
            anthropic_base_url: None,
            e2b_api_key: None,
            e2b_api_url: None,
            e2b_sandbox_url: None,
            e2b_domain: None,
            database_url: None,
            redis_url: None,
            otel_endpoint: None,
            guard_policy: None,
            log: None,
        }
    }
}

impl Settings {
    /// What a sandbox is given.
    #[must_use]
    pub const fn sandbox_size(&self) -> SandboxSize {
        SandboxSize { vcpus: self.sandbox_vcpus, memory_mib: self.sandbox_memory_mib }
    }

    /// Where the development certificate authority lies.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.data_dir.join("ca.pem")
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

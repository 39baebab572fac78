//! The settings as flags. Secrets have none: a command line can be read by every process of the machine.

use clap::Args;
use serde::Serialize;

const HEADING: &str = "Settings (each also a SPAWNAI_* variable and a key of spawnai.toml)";

/// Values stay text here, so that a bad one is refused in the same words wherever it came from.
#[derive(Args, Clone, Debug, Default, Serialize)]
#[command(next_help_heading = HEADING)]
pub struct SettingFlags {
    #[command(flatten)]
    #[serde(flatten)]
    host: HostFlags,
    /// Where API, dashboard and /ws listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", hide_short_help = true)]
    listen: Option<String>,
    /// hobby (20 sessions at once, 1 hour each) or pro (100, 24 hours) [default: hobby]
    #[arg(long, value_name = "PLAN", hide_short_help = true)]
    plan: Option<String>,
    /// How long a session lives unless extended [default: 30]
    #[arg(long, value_name = "MINUTES", hide_short_help = true)]
    session_minutes: Option<String>,
    /// What one session may cost before it ends [default: 0.50]
    #[arg(long, value_name = "USD", hide_short_help = true)]
    session_budget_usd: Option<String>,
    /// What one user may cost in a day [default: no bound]
    #[arg(long, value_name = "USD", hide_short_help = true)]
    user_day_budget_usd: Option<String>,
    /// What everybody together may cost in a day [default: no bound]
    #[arg(long, value_name = "USD", hide_short_help = true)]
    total_day_budget_usd: Option<String>,
    /// Spawns per minute that one caller may keep up [default: 60]
    #[arg(long, value_name = "N", hide_short_help = true)]
    spawn_per_minute: Option<String>,
    /// Spawns that one caller may make at once [default: 20]
    #[arg(long, value_name = "N", hide_short_help = true)]
    spawn_burst: Option<String>,
    /// Web origins whose pages may call the API, separated by commas [default: none]
    #[arg(long, value_name = "ORIGINS", hide_short_help = true)]
    cors_origins: Option<String>,
    /// The model of Claude that is asked first [default: claude-sonnet-5-5]
    #[arg(long, value_name = "MODEL", hide_short_help = true)]
    claude_model: Option<String>,
    /// The one that is asked when the first fails, or none [default: claude-haiku-5-5]
    #[arg(long, value_name = "MODEL", hide_short_help = true)]
    claude_second_model: Option<String>,
    /// Version of the Messages API [default: 2026-10-21]
    #[arg(long, value_name = "DATE", hide_short_help = true)]
    claude_version: Option<String>,
    /// What serves when Claude cannot: built-in or none [default: built-in]
    #[arg(long, value_name = "GENERATOR", hide_short_help = true)]
    claude_fallback: Option<String>,
    /// TOML file with what models cost, and since when [default: Anthropic's prices of 2026-11-01]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    claude_prices: Option<String>,
    /// TOML file with what the guard blocks, warns of and passes [default: each rule's own]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    guard_policy: Option<String>,
}

/// Those that a sandbox host has without an engine, too.
#[derive(Args, Clone, Debug, Default, Serialize)]
#[command(next_help_heading = HEADING)]
pub struct HostFlags {
    /// Where the embedded sandbox host listens [default: 127.0.0.1:8090]
    #[arg(long, value_name = "ADDRESS", hide_short_help = true)]
    host_listen: Option<String>,
    /// Where the TLS gateway listens [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS", hide_short_help = true)]
    gateway_listen: Option<String>,
    /// Apps live at https://{slug}.DOMAIN, a sandbox's ports at https://{port}-{sandboxId}.DOMAIN [default: localhost]
    #[arg(long, value_name = "DOMAIN", hide_short_help = true)]
    gateway_domain: Option<String>,
    /// How long sessions on their way may take to come to rest when the engine stops [default: 10]
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    drain_seconds: Option<String>,
    /// Folder of the store, certificates, keys and sandboxes [default: .spawnai]
    #[arg(long, value_name = "FOLDER", hide_short_help = true)]
    data_dir: Option<String>,
    /// Empty sandboxes kept ready [default: 2]
    #[arg(long, value_name = "N", hide_short_help = true)]
    warm_sandboxes: Option<String>,
    /// Sandboxes that may start at the same time [default: the number of cores]
    #[arg(long, value_name = "N", hide_short_help = true)]
    concurrent_starts: Option<String>,
    /// Sandboxes that may exist at the same time [default: 1100]
    #[arg(long, value_name = "N", hide_short_help = true)]
    sandboxes_max: Option<String>,
    /// Virtual processors of a sandbox [default: 1]
    #[arg(long, value_name = "N", hide_short_help = true)]
    sandbox_vcpus: Option<String>,
    /// Memory of a sandbox [default: 512]
    #[arg(long, value_name = "MIB", hide_short_help = true)]
    sandbox_memory_mib: Option<String>,
    /// Whether apps reach the internet, through a filtering HTTP proxy [default: false]
    #[arg(long, value_name = "BOOL", hide_short_help = true)]
    internet: Option<String>,
    /// Whether the embedded host's other clients get internet without asking, as in E2B's cloud [default: false]
    #[arg(long, value_name = "BOOL", hide_short_help = true)]
    host_internet: Option<String>,
    /// Private addresses or CIDR blocks that sandboxes with internet may reach, separated by commas [default: none]
    #[arg(long, value_name = "CIDRS", hide_short_help = true)]
    host_egress_allow: Option<String>,
    /// Threads that serve HTTP [default: the number of cores]
    #[arg(long, value_name = "N", hide_short_help = true)]
    workers: Option<String>,
    /// Filter of the log, in the syntax of RUST_LOG [default: info]
    #[arg(long, value_name = "FILTER", hide_short_help = true)]
    log: Option<String>,
}

impl From<HostFlags> for SettingFlags {
    fn from(host: HostFlags) -> Self {
        Self { host, ..Self::default() }
    }
}

impl SettingFlags {
    /// The flags that were given, by key.
    pub(super) fn given(&self) -> Vec<(String, String)> {
        let Ok(serde_json::Value::Object(all)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        all.into_iter().filter_map(|(key, value)| value.as_str().map(|text| (key, text.to_owned()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Args as _, Command};

    use super::{super::keys, *};

    #[test]
    fn every_key_but_secrets_and_peers_has_a_flag_of_its_name() {
        let command = SettingFlags::augment_args(Command::new("serve"));
        let flags: BTreeSet<_> = command.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned).collect();
        let expected: BTreeSet<_> = keys::KEYS
            .iter()
            .filter(|key| key.known_as.is_none() || key.name == "log")
            .map(|key| key.flag().trim_start_matches("--").to_owned())
            .collect();
        assert_eq!(flags, expected);
    }
}

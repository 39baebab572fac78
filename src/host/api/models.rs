//! The control plane's JSON, and what of it this host takes. Interface facts of E2B's public specification.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Refusal, Shared,
    network::{self, Network},
};
use crate::{
    host::{
        config::Config,
        envd,
        lifecycle::{Kept, OnTimeout, Policy, State},
        sandbox::{Request, Sandbox},
    },
    types::{SandboxId, Timestamp},
};

/// The template that is no snapshot: this machine's own programs.
pub const TEMPLATE: &str = "base";
const CLIENT_ID: &str = "local";

/// Bounds of what a client may attach to a sandbox.
const PAIRS_MAX: usize = 256;
const PAIR_BYTES_MAX: usize = 16 * 1024;

/// `POST /sandboxes` and `POST /v2/sandboxes`. Fields that change nothing here are not listed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSandbox {
    #[serde(rename = "templateID")]
    template: String,
    timeout: Option<u64>,
    metadata: Option<BTreeMap<String, String>>,
    env_vars: Option<BTreeMap<String, String>>,
    secure: Option<bool>,
    auto_pause: Option<bool>,
    auto_pause_memory: Option<bool>,
    auto_resume: Option<AutoResume>,
    volume_mounts: Option<Vec<Value>>,
    #[serde(rename = "allow_internet_access")]
    internet: Option<bool>,
    network: Option<Network>,
    iam: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct AutoResume {
    #[serde(default)]
    enabled: bool,
}

/// The two generations of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    V1,
    V2,
}

impl Generation {
    const fn default_timeout(self) -> u64 {
        match self {
            Self::V1 => 15,
            Self::V2 => 300,
        }
    }
}

impl NewSandbox {
    /// What is asked for, checked; but for the template, which may be a snapshot.
    ///
    /// `mcp` is read by nobody: it is the client that starts the gateway, a program of the template, and it hears from
    /// envd that there is none.
    ///
    /// # Errors
    /// 400 for what is wrong, 501 for what this host does not do yet.
    pub fn check(self, generation: Generation, config: &Config) -> Result<Request, Refusal> {
        let policy = self.policy()?;
        let missing = [
            ("autoPauseMemory: false", policy.on_timeout == OnTimeout::Pause(Kept::Files)),
            ("volumeMounts", self.volume_mounts.is_some_and(|mounts| !mounts.is_empty())),
            ("iam", self.iam.is_some_and(|iam| !iam.is_null())),
        ];
        if let Some((name, _)) = missing.iter().find(|(_, asked)| *asked) {
            return Err(Refusal::new(501, format!("{name} is not available on this host yet")));
        }
        let (metadata, environment) = (self.metadata.unwrap_or_default(), self.env_vars.unwrap_or_default());
        check_pairs("metadata", &metadata)?;
        check_pairs("envVars", &environment)?;
        if environment.iter().any(|(name, value)| name.is_empty() || name.contains(['=', '\0']) || value.contains('\0'))
        {
            return Err(Refusal::new(400, "envVars: a name must not be empty or hold '=', and none may hold a NUL"));
        }
        let (rules, ingress) = self.network.unwrap_or_default().check(self.internet, config.egress.by_default)?;
        Ok(Request {
            rules,
            ingress,
            template: self.template,
            files: None,
            timeout: check_timeout(self.timeout.unwrap_or(generation.default_timeout()), config.lifetime_max)?,
            metadata,
            environment,
            secure: self.secure.unwrap_or(generation == Generation::V2) || generation == Generation::V2,
            policy,
        })
    }

    fn policy(&self) -> Result<Policy, Refusal> {
        let auto_resume = self.auto_resume.as_ref().is_some_and(|resume| resume.enabled);
        let on_timeout = match (self.auto_pause.unwrap_or(false), self.auto_pause_memory.unwrap_or(true)) {
            (false, _) => OnTimeout::Kill,
            (true, true) => OnTimeout::Pause(Kept::Memory),
            (true, false) => OnTimeout::Pause(Kept::Files),
        };
        if auto_resume && on_timeout == OnTimeout::Pause(Kept::Files) {
            return Err(Refusal::new(400, "autoResume needs the memory: autoPauseMemory must not be false with it"));
        }
        Ok(Policy { on_timeout, auto_resume })
    }
}

fn check_pairs(what: &str, pairs: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let bytes: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    if pairs.len() > PAIRS_MAX || bytes > PAIR_BYTES_MAX {
        return Err(Refusal::new(400, format!("{what}: at most {PAIRS_MAX} pairs and {PAIR_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// # Errors
/// 400 for a timeout over the host's bound.
pub fn check_timeout(seconds: u64, lifetime_max: Duration) -> Result<Duration, Refusal> {
    let timeout = Duration::from_secs(seconds);
    if timeout > lifetime_max {
        let hours = lifetime_max.as_secs() / 3600;
        return Err(Refusal::new(400, format!("Timeout cannot be greater than {hours} hours")));
    }
    Ok(timeout)
}

/// The answer to a creation or connection.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    #[serde(rename = "sandboxID")]
    id: SandboxId,
    #[serde(rename = "templateID")]
    template: String,
    alias: String,
    #[serde(rename = "clientID")]
    client: &'static str,
    envd_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    envd_access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic_access_token: Option<String>,
}

impl Created {
    #[must_use]
    pub fn of(sandbox: &Sandbox) -> Self {
        Self {
            id: sandbox.id.clone(),
            template: sandbox.request.template.clone(),
            alias: sandbox.request.template.clone(),
            client: CLIENT_ID,
            envd_version: envd::VERSION,
            envd_access_token: sandbox.access_token.as_ref().map(|token| token.expose().to_owned()),
            traffic_access_token: sandbox.traffic_token.as_ref().map(|token| token.expose().to_owned()),
        }
    }
}

/// A sandbox in a list, and with `detail` by itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    #[serde(flatten)]
    created: Created,
    started_at: Timestamp,
    end_at: Timestamp,
    cpu_count: u32,
    #[serde(rename = "memoryMB")]
    memory_mib: u32,
    #[serde(rename = "diskSizeMB")]
    disk_mib: u32,
    state: &'static str,
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    detail: Option<Detail>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    lifecycle: Lifecycle,
    /// What the pause kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_mode: Option<&'static str>,
    /// Whether what no rule names may be connected to.
    allow_internet_access: bool,
    network: network::Shown,
    /// Not of the protocol: bytes to and from the internet.
    egress_sent_bytes: u64,
    egress_received_bytes: u64,
    /// Not of the protocol: limits that nothing enforces on this machine.
    advisory_limits: Vec<&'static str>,
    /// Not of the protocol: programs that were killed for memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_kills: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Lifecycle {
    auto_resume: bool,
    on_timeout: &'static str,
}

impl Lifecycle {
    const fn of(policy: Policy) -> Self {
        let on_timeout = match policy.on_timeout {
            OnTimeout::Kill => "kill",
            OnTimeout::Pause(Kept::Memory | Kept::Files) => "pause",
        };
        Self { auto_resume: policy.auto_resume, on_timeout }
    }
}

/// As the protocol calls it. It has no word for one that is gone, which is found by nobody but by who holds it still.
const fn state_name(state: State) -> &'static str {
    match state {
        State::Running { .. } | State::Gone => "running",
        State::Paused { .. } => "paused",
    }
}

impl Shown {
    /// An entry of a list: without the token and the detail.
    #[must_use]
    pub fn listed(shared: &Shared, sandbox: &Sandbox) -> Self {
        let limits = shared.config.limits;
        Self {
            created: Created { envd_access_token: None, traffic_access_token: None, ..Created::of(sandbox) },
            started_at: sandbox.started_at,
            end_at: sandbox.ends_at(),
            cpu_count: limits.vcpus,
            memory_mib: limits.memory_mib,
            disk_mib: limits.disk_mib,
            state: state_name(sandbox.state()),
            metadata: sandbox.request.metadata.clone(),
            detail: None,
        }
    }

    #[must_use]
    pub fn detailed(shared: &Shared, sandbox: &Sandbox) -> Self {
        let detail = Detail {
            lifecycle: Lifecycle::of(sandbox.request.policy),
            pause_mode: match sandbox.state() {
                State::Paused { kept: Kept::Memory, .. } => Some("full"),
                State::Paused { kept: Kept::Files, .. } => Some("filesystem"),
                State::Running { .. } | State::Gone => None,
            },
            allow_internet_access: sandbox.egress.rules().internet(),
            network: network::Shown::of(sandbox),
            egress_sent_bytes: sandbox.egress.traffic().sent(),
            egress_received_bytes: sandbox.egress.traffic().received(),
            advisory_limits: shared.advisory.iter().map(|controller| controller.name()).collect(),
            memory_kills: sandbox.memory_kills(),
        };
        Self { created: Created::of(sandbox), detail: Some(detail), ..Self::listed(shared, sandbox) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, generation: Generation) -> Result<Request, Refusal> {
        serde_json::from_str::<NewSandbox>(json)
            .unwrap()
            .check(generation, &Config::new(([127, 0, 0, 1], 0).into(), "".into()))
    }

    #[test]
    fn what_the_sdks_send_is_taken() {
        let json = r#"{"templateID":"base","timeout":300,"autoPause":false,"secure":true,"allow_internet_access":true,
            "metadata":{"a":"b"},"envVars":{"X":"1"},"autoResume":{"enabled":false},"network":{"allowPublicTraffic":true}}"#;
        let request = check(json, Generation::V2).unwrap();
        assert_eq!((request.timeout, request.secure), (Duration::from_secs(300), true));
        assert_eq!(request.environment["X"], "1");
        assert!(check(r#"{"templateID":"base","mcp":{"github":{}}}"#, Generation::V2).is_ok());
        let request = check(r#"{"templateID":"base"}"#, Generation::V1).unwrap();
        assert_eq!((request.timeout, request.secure), (Duration::from_secs(15), false));
        assert!(check(r#"{"templateID":"base"}"#, Generation::V2).unwrap().secure);
    }

    #[test]
    fn a_lifecycle_is_read_and_its_contradiction_refused() {
        let policy =
            |json: &str| check(&format!(r#"{{"templateID":"base",{json}}}"#), Generation::V2).map(|r| r.policy);
        let pauses = OnTimeout::Pause(Kept::Memory);
        assert_eq!(policy(r#""autoPause":false"#), Ok(Policy::default()));
        assert_eq!(policy(r#""autoPauseMemory":false"#), Ok(Policy::default()), "it says what a pause would keep");
        assert_eq!(policy(r#""autoPause":true"#), Ok(Policy { on_timeout: pauses, auto_resume: false }));
        let wakes = r#""autoPause":true,"autoPauseMemory":true,"autoResume":{"enabled":true}"#;
        assert_eq!(policy(wakes), Ok(Policy { on_timeout: pauses, auto_resume: true }));
        let contradiction = r#""autoPause":true,"autoPauseMemory":false,"autoResume":{"enabled":true}"#;
        assert_eq!(policy(contradiction).unwrap_err().code, 400);
    }

    #[test]
    fn what_is_not_built_is_refused_and_not_ignored() {
        let code = |json: &str| check(json, Generation::V2).unwrap_err().code;
        assert_eq!(code(r#"{"templateID":"base","autoPause":true,"autoPauseMemory":false}"#), 501);
        assert_eq!(code(r#"{"templateID":"base","volumeMounts":[{}]}"#), 501);
        assert_eq!(code(r#"{"templateID":"base","timeout":86401}"#), 400);
        assert_eq!(code(r#"{"templateID":"base","envVars":{"A=B":"1"}}"#), 400);
    }
}

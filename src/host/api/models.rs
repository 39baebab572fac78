//! The control plane's JSON, and what of it this host takes. Interface facts of E2B's public specification.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Refusal, Shared};
use crate::{
    host::{
        envd,
        sandbox::{Request, Sandbox},
        usage::Used,
    },
    types::{SandboxId, Timestamp},
};

/// The only template: this machine's own programs.
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
    auto_resume: Option<AutoResume>,
    volume_mounts: Option<Vec<Value>>,
    network: Option<Network>,
    mcp: Option<Value>,
    iam: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct AutoResume {
    #[serde(default)]
    enabled: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Network {
    allow_public_traffic: Option<bool>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
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
    /// What is asked for, checked.
    ///
    /// `allow_internet_access` is read by nobody: the SDKs send `true` unless told otherwise, so refusing it would
    /// refuse every client. A sandbox here has no internet, and its detail says so.
    ///
    /// # Errors
    /// 400 for what is wrong, 404 for an unknown template, 501 for what this host does not do yet.
    pub fn check(self, generation: Generation, lifetime_max: Duration) -> Result<Request, Refusal> {
        if self.template != TEMPLATE {
            let template: String = self.template.chars().take(64).collect();
            return Err(Refusal::new(404, format!("template '{template}' not found: this host has '{TEMPLATE}'")));
        }
        let missing = [
            ("autoPause", self.auto_pause == Some(true)),
            ("autoResume", self.auto_resume.is_some_and(|resume| resume.enabled)),
            ("volumeMounts", self.volume_mounts.is_some_and(|mounts| !mounts.is_empty())),
            ("network rules", self.network.is_some_and(|network| network.asks_for_something())),
            ("mcp", self.mcp.is_some_and(|mcp| !mcp.is_null())),
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
        Ok(Request {
            template: self.template,
            timeout: check_timeout(self.timeout.unwrap_or(generation.default_timeout()), lifetime_max)?,
            metadata,
            environment,
            secure: self.secure.unwrap_or(generation == Generation::V2) || generation == Generation::V2,
        })
    }
}

impl Network {
    fn asks_for_something(&self) -> bool {
        let nothing = |value: &Value| match value {
            Value::Null | Value::Bool(_) => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::String(_) | Value::Number(_) => false,
        };
        self.allow_public_traffic == Some(false) || !self.others.values().all(nothing)
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

/// `POST /sandboxes/{id}/timeout` and `…/connect`.
#[derive(Debug, Default, Deserialize)]
pub struct TimeoutRequest {
    pub timeout: Option<u64>,
}

/// `POST /sandboxes/{id}/refreshes`.
#[derive(Debug, Default, Deserialize)]
pub struct RefreshRequest {
    pub duration: Option<u64>,
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
    /// Always false here, whatever was asked for.
    allow_internet_access: bool,
    /// Not of the protocol: limits that nothing enforces on this machine.
    advisory_limits: Vec<&'static str>,
    /// Not of the protocol: programs that were killed for memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_kills: Option<u64>,
    /// Not of the protocol: what it has used so far.
    usage: Used,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Lifecycle {
    auto_resume: bool,
    on_timeout: &'static str,
}

impl Shown {
    /// An entry of a list: without the token and the detail.
    #[must_use]
    pub fn listed(shared: &Shared, sandbox: &Sandbox) -> Self {
        let limits = shared.config.limits;
        Self {
            created: Created { envd_access_token: None, ..Created::of(sandbox) },
            started_at: sandbox.started_at,
            end_at: sandbox.ends_at(),
            cpu_count: limits.vcpus,
            memory_mib: limits.memory_mib,
            disk_mib: limits.disk_mib,
            state: "running",
            metadata: sandbox.request.metadata.clone(),
            detail: None,
        }
    }

    #[must_use]
    pub fn detailed(shared: &Shared, sandbox: &Sandbox, usage: Used) -> Self {
        let detail = Detail {
            lifecycle: Lifecycle { auto_resume: false, on_timeout: "kill" },
            allow_internet_access: false,
            advisory_limits: shared.advisory.iter().map(|controller| controller.name()).collect(),
            memory_kills: sandbox.memory_kills(),
            usage,
        };
        Self { created: Created::of(sandbox), detail: Some(detail), ..Self::listed(shared, sandbox) }
    }
}

/// One sample of a sandbox's use.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    pub timestamp: Timestamp,
    pub timestamp_unix: i64,
    pub cpu_count: u32,
    /// Of one processor, since the sandbox started.
    pub cpu_used_pct: f64,
    pub mem_used: u64,
    pub mem_total: u64,
    pub mem_cache: u64,
    pub disk_used: u64,
    pub disk_total: u64,
    /// Not of the protocol: what it has used so far.
    pub usage: Used,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn check(json: &str, generation: Generation) -> Result<Request, Refusal> {
        serde_json::from_str::<NewSandbox>(json).unwrap().check(generation, DAY)
    }

    #[test]
    fn what_the_sdks_send_is_taken() {
        let json = r#"{"templateID":"base","timeout":300,"autoPause":false,"secure":true,"allow_internet_access":true,
            "metadata":{"a":"b"},"envVars":{"X":"1"},"autoResume":{"enabled":false},"network":{"allowPublicTraffic":true}}"#;
        let request = check(json, Generation::V2).unwrap();
        assert_eq!((request.timeout, request.secure), (Duration::from_secs(300), true));
        assert_eq!(request.environment["X"], "1");
        let request = check(r#"{"templateID":"base"}"#, Generation::V1).unwrap();
        assert_eq!((request.timeout, request.secure), (Duration::from_secs(15), false));
        assert!(check(r#"{"templateID":"base"}"#, Generation::V2).unwrap().secure);
    }

    #[test]
    fn what_is_not_built_is_refused_and_not_ignored() {
        let code = |json: &str| check(json, Generation::V2).unwrap_err().code;
        assert_eq!(code(r#"{"templateID":"base","autoPause":true}"#), 501);
        assert_eq!(code(r#"{"templateID":"base","network":{"allowOut":["example.org"]}}"#), 501);
        assert_eq!(code(r#"{"templateID":"base","network":{"allowPublicTraffic":false}}"#), 501);
        assert_eq!(code(r#"{"templateID":"base","volumeMounts":[{}]}"#), 501);
        assert_eq!(code(r#"{"templateID":"python"}"#), 404);
        assert_eq!(code(r#"{"templateID":"base","timeout":86401}"#), 400);
        assert_eq!(code(r#"{"templateID":"base","envVars":{"A=B":"1"}}"#), 400);
    }
}

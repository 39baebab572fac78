//! Which app a host name means. Pure.

use std::{fmt, str::FromStr};

use crate::types::{Port, SandboxId, Slug};

/// The label under which the official SDKs look for the control plane of a domain.
const CONTROL_PLANE: &str = "api";

/// The port of a sandbox's envd, which runs its processes and keeps its files: the E2B protocol's.
const ENVD: u16 = 49983;

/// The domain whose subdomains are apps: lower case, no final dot, no port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

/// Why a string cannot be the gateway's domain.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} is not a domain name: expected labels of letters, digits and dashes with dots between, like apps.example.com"
)]
pub struct DomainError(String);

impl Domain {
    /// Leaves room for the longest label, its dot, and DNS's own limit of 253.
    const LENGTH_MAX: usize = 253 - 64;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Domain {
    /// `localhost`: browsers and curl resolve everything under it to this machine (RFC 6761 §6.3).
    fn default() -> Self {
        Self("localhost".to_owned())
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let domain = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // An address like 10.0.0.1 has no subdomains.
        let named = domain.rsplit('.').next().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        if domain.len() <= Self::LENGTH_MAX && named && domain.split('.').all(label) {
            Ok(Self(domain))
        } else {
            Err(DomainError(text.chars().take(64).collect()))
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a host name means under the gateway's domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// `{slug}.{domain}`.
    App(Slug),
    /// `{port}-{sandboxId}.{domain}`.
    Sandbox(SandboxId, Port),
    /// `api.{domain}`.
    ControlPlane,
    /// The domain itself.
    Front,
    /// Anything else.
    Foreign,
}

impl Address {
    /// `name` has no port; see [`host_name`]. A slug begins with a letter and a port with a digit, so a label is
    /// never both.
    pub(super) fn of(name: &str, domain: &Domain) -> Self {
        if name == domain.as_str() {
            return Self::Front;
        }
        let Some(label) = name.strip_suffix(domain.as_str()).and_then(|label| label.strip_suffix('.')) else {
            return Self::Foreign;
        };
        // Before slugs: it has the form of one.
        if label == CONTROL_PLANE {
            return Self::ControlPlane;
        }
        if let Ok(slug) = label.parse() {
            return Self::App(slug);
        }
        let sandbox = label.split_once('-').and_then(|(port, sandbox)| {
            // `u16` would also read `+80` and `080`: one app, one address.
            let canonical = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
            let port = canonical.then(|| Port::new(port.parse().ok()?)).flatten()?;
            Some(Self::Sandbox(sandbox.parse().ok()?, port))
        });
        sandbox.unwrap_or(Self::Foreign)
    }

    /// Whether a sandbox itself is called there, and not an app.
    pub(super) fn is_envd(&self) -> bool {
        match self {
            Self::Sandbox(_, port) => port.get() == ENVD,
            Self::App(_) | Self::ControlPlane | Self::Front | Self::Foreign => false,
        }
    }
}

/// The name in a `Host`, an `:authority` or a server name indication: lower case, without port and final dot.
pub(super) fn host_name(host: &str) -> String {
    let name = match host.strip_prefix('[') {
        Some(ip) => ip.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str) -> Address {
        Address::of(&host_name(host), &Domain::default())
    }

    #[test]
    fn hosts_mean_apps_ports_or_nothing() {
        let todo = Address::App("todo-abc".parse().unwrap());
        for host in ["todo-abc.localhost", "Todo-ABC.LocalHost:8443", "todo-abc.localhost."] {
            assert_eq!(address(host), todo, "{host}");
        }
        let sandbox = Address::Sandbox("i1x2".parse().unwrap(), Port::new(3000).unwrap());
        assert_eq!(address("3000-i1x2.localhost:443"), sandbox);
        assert!(address("49983-i1x2.localhost").is_envd() && !sandbox.is_envd());
        assert_eq!(address("localhost:8443"), Address::Front);
        assert_eq!(address("api.localhost:8443"), Address::ControlPlane);
        let nothing = [
            "",
            ".",
            "example.com",
            "localhost.evil.com",
            "xlocalhost",
            "a.b.localhost",
            "-.localhost",
            ".localhost",
            "0-abc.localhost",
            "03000-abc.localhost",
            "+80-abc.localhost",
            "65536-abc.localhost",
            "3000-.localhost",
            "3000-a_b.localhost",
            "3000.localhost",
            "127.0.0.1:8443",
            "[::1]:8443",
            "todo\u{e9}.localhost",
        ];
        for host in nothing {
            assert_eq!(address(host), Address::Foreign, "{host}");
        }
    }

    #[test]
    fn domains_are_checked_once() {
        for good in ["localhost", "Apps.Example.com.", "sbx-1.internal"] {
            assert!(good.parse::<Domain>().is_ok(), "{good}");
        }
        for bad in ["", ".", "a..b", "-a", "a-", "*.localhost", "localhost:8443", "127.0.0.1", "a b", &"a".repeat(64)] {
            assert!(bad.parse::<Domain>().is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_host_name_is_too_odd(host in ".{0,300}") {
            address(&host);
        }
    }
}

//! Whom a request is for. Pure.

use std::net::IpAddr;

use crate::{
    host::envd,
    types::{Port, SandboxId},
};

#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    ControlPlane,
    Sandbox { id: SandboxId, port: Port },
    Invalid(String),
}

/// Tells by the `Host` header and the two headers of plain addressing.
///
/// Those two are trusted only where a browser would not send them along: on an address, on `localhost` and on
/// `sandbox.*`. A page of an app, which has a name of its own, cannot steer its requests into another sandbox.
#[must_use]
pub fn of(host: &str, id: Option<&str>, port: Option<&str>) -> Target {
    let Some(id) = id.filter(|_| trusted(host)) else { return Target::ControlPlane };
    let id = match id.parse::<SandboxId>() {
        Ok(id) => id,
        Err(err) => return Target::Invalid(err.to_string()),
    };
    let port = match port {
        None => Port::new(envd::PORT),
        Some(port) => port.parse().ok().and_then(Port::new),
    };
    match port {
        Some(port) => Target::Sandbox { id, port },
        None => Target::Invalid("E2b-Sandbox-Port is a number from 1 to 65535".to_owned()),
    }
}

fn trusted(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok() || name.starts_with("sandbox.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_count_only_where_no_page_could_have_sent_them() {
        let sandbox = |port| Target::Sandbox { id: "abc".parse().unwrap(), port: Port::new(port).unwrap() };
        for host in ["127.0.0.1:8090", "localhost", "[::1]:8090", "sandbox.localhost:8090"] {
            assert_eq!(of(host, Some("abc"), Some("3000")), sandbox(3000), "{host}");
        }
        for host in ["evil.example", "todo-x.localhost:8443", "", "127.0.0.1.evil.example"] {
            assert_eq!(of(host, Some("abc"), Some("3000")), Target::ControlPlane, "{host}");
        }
        assert_eq!(of("localhost", Some("abc"), None), sandbox(envd::PORT));
        assert_eq!(of("localhost", None, Some("3000")), Target::ControlPlane);
    }

    #[test]
    fn nonsense_is_refused() {
        for (id, port) in [("a-b", "3000"), ("../x", "3000"), ("abc", "0"), ("abc", "65536"), ("abc", "x")] {
            assert!(matches!(of("localhost", Some(id), Some(port)), Target::Invalid(_)), "{id} {port}");
        }
    }
}

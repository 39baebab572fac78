//! How a port of a sandbox is reached from outside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Port, SandboxId};

/// The two ways of the E2B protocol to name a sandbox's port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressing {
    /// One plain-HTTP address for all sandboxes, told apart by `E2b-Sandbox-Id` and `E2b-Sandbox-Port`.
    /// The embedded host's way. `address` is `host:port`.
    Headers { address: String },
    /// `{port}-{sandboxId}.{domain}` over TLS. The cloud's way. `domain` may carry a port.
    Wildcard { domain: String },
}

/// One sandbox port, ready to be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// `host:port` to open a TCP connection to.
    pub address: String,
    /// Whether that connection speaks TLS; the server name is `address` without its port.
    pub tls: bool,
    /// The `Host` header that the server at `address` expects.
    pub host: String,
    /// Headers to add to every request.
    pub headers: Vec<(&'static str, String)>,
}

impl Addressing {
    /// All sandboxes at one `http://host:port`; `None` for any other address.
    #[must_use]
    pub fn at(url: &str) -> Option<Self> {
        let address = url.strip_prefix("http://")?;
        let address = address.strip_suffix('/').unwrap_or(address);
        let (host, port) = address.rsplit_once(':')?;
        let plain = !host.is_empty() && !address.contains(['/', '?', '#', '@']) && port.parse::<u16>().is_ok();
        plain.then(|| Self::Headers { address: address.to_owned() })
    }

    /// Where the control plane is, if it shares its address with the sandboxes.
    #[must_use]
    pub fn control_plane(&self) -> Option<Upstream> {
        match self {
            Self::Headers { address } => {
                Some(Upstream { address: address.clone(), tls: false, host: address.clone(), headers: Vec::new() })
            }
            Self::Wildcard { .. } => None,
        }
    }

    #[must_use]
    pub fn upstream(&self, sandbox: &SandboxId, port: Port) -> Upstream {
        match self {
            Self::Headers { address } => Upstream {
                address: address.clone(),
                tls: false,
                host: address.clone(),
                headers: vec![("E2b-Sandbox-Id", sandbox.to_string()), ("E2b-Sandbox-Port", port.to_string())],
            },
            Self::Wildcard { domain } => {
                let host = format!("{port}-{sandbox}.{domain}");
                let address = if domain.contains(':') { host.clone() } else { format!("{host}:443") };
                Upstream { address, tls: true, host, headers: Vec::new() }
            }
        }
    }
}

/// Who listens on all addresses is met on loopback: `0.0.0.0` is where to listen, not where to go.
#[must_use]
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_for_all_is_a_host_and_a_port() {
        for (url, address) in [("http://10.0.0.7:8090", "10.0.0.7:8090"), ("http://[::1]:1/", "[::1]:1")] {
            assert_eq!(Addressing::at(url), Some(Addressing::Headers { address: address.to_owned() }));
        }
        for url in ["https://h:1", "http://h", "http://h:1/path", "http://:1", "http://h:99999", "http://u@h:1", "h:1"]
        {
            assert_eq!(Addressing::at(url), None, "{url}");
        }
    }

    #[test]
    fn both_ways_name_the_same_port() {
        let (sandbox, port) = ("abc1".parse().unwrap(), Port::new(3000).unwrap());
        let near = Addressing::Headers { address: "127.0.0.1:8090".to_owned() }.upstream(&sandbox, port);
        assert_eq!((near.address.as_str(), near.tls, near.headers.len()), ("127.0.0.1:8090", false, 2));
        let cloud = Addressing::Wildcard { domain: "e2b.app".to_owned() }.upstream(&sandbox, port);
        assert_eq!((cloud.address.as_str(), cloud.host.as_str()), ("3000-abc1.e2b.app:443", "3000-abc1.e2b.app"));
    }
}

//! Where a request goes, and what it may say of itself on its way there. Pure.
//!
//! ```text
//!   {slug}.{domain}          ► App           the session's own; nothing of E2B's protocol goes in
//!   {port}-{id}.{domain}     ► Port          as E2B's SDKs ask; 49983 is envd, which asks for its sandbox's token
//!   api.{domain}             ► ControlPlane  of the embedded host, which asks for its key
//! ```
//!
//! The host name alone decides. The host behind us is told by two headers which sandbox is meant, and believes them; so
//! what a visitor puts there is dropped whatever the target is, and an app's page can do no more than any stranger:
//! ask for names that it knows, without the keys that go with them.

use std::{net::SocketAddr, time::Duration};

use actix_web::{HttpRequest, http::header};
use http::{HeaderName, HeaderValue};
use subtle::ConstantTimeEq as _;

use super::{
    address::{Address, Domain, host_name},
    page::Problem,
};
use crate::{
    relay,
    routes::{Route, Routes},
    types::{Addressing, Port, SandboxId, Secret, Upstream},
};

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A session's app.
    App { sandbox: SandboxId, port: Port },
    /// Any port of a sandbox by its id: whoever asks like that speaks E2B's protocol, and expects its answers.
    Port { sandbox: SandboxId, port: Port },
    /// Where sandboxes are made and ended.
    ControlPlane,
}

impl Target {
    /// Who is meant by the host that a request names. `server_name` is the one that the handshake named, `pass` what the
    /// request shows to see an app before it is live.
    ///
    /// # Errors
    /// The reason why there is nobody to ask.
    pub(super) fn of(
        host: &str,
        server_name: Option<&str>,
        pass: Option<&[u8]>,
        domain: &Domain,
        routes: &Routes,
    ) -> Result<Self, Problem> {
        let name = host_name(host);
        if server_name.is_some_and(|server_name| server_name != name) {
            return Err(Problem::Misdirected);
        }
        match Address::of(&name, domain) {
            Address::ControlPlane => Ok(Self::ControlPlane),
            Address::Sandbox(sandbox, port) => Ok(Self::Port { sandbox, port }),
            Address::Front | Address::Foreign => Err(Problem::NoApp { domain: domain.to_string() }),
            Address::App(slug) => match routes.get(&slug) {
                None => Err(Problem::UnknownApp),
                Some(Route::Starting { step }) => Err(Problem::Starting { step }),
                Some(Route::Proving { sandbox, port, pass: wanted, .. }) if is_it(&wanted, pass) => {
                    Ok(Self::App { sandbox, port })
                }
                Some(Route::Proving { step, .. }) => Err(Problem::Starting { step }),
                Some(Route::Ended { reason }) => Err(Problem::Ended { reason }),
                Some(Route::Live { sandbox, port }) => Ok(Self::App { sandbox, port }),
            },
        }
    }

    /// Where to connect to.
    ///
    /// # Errors
    /// A control plane that is not this machine's is none of ours to offer.
    pub(super) fn upstream(&self, addressing: &Addressing, domain: &Domain) -> Result<Upstream, Problem> {
        match self {
            Self::App { sandbox, port } | Self::Port { sandbox, port } => Ok(addressing.upstream(sandbox, *port)),
            Self::ControlPlane => {
                addressing.control_plane().ok_or_else(|| Problem::NoApp { domain: domain.to_string() })
            }
        }
    }

    /// The app that is meant, for who can reach it without an address.
    pub(super) fn inside(&self) -> Option<(&SandboxId, Port)> {
        match self {
            Self::App { sandbox, port } | Self::Port { sandbox, port } => Some((sandbox, *port)),
            Self::ControlPlane => None,
        }
    }

    /// What changes in the request's head, whichever way it takes.
    ///
    /// # Errors
    /// A host that cannot be written into a header.
    pub(super) fn head(&self, host: &str, peer: Option<SocketAddr>, timeout: Duration) -> Result<relay::Head, Problem> {
        let host = value(host)?;
        let mut add = vec![
            (HeaderName::from_static("x-forwarded-host"), host.clone()),
            (HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https")),
        ];
        if let Some(peer) = peer {
            add.push((HeaderName::from_static("x-forwarded-for"), value(&peer.ip().to_string())?));
        }
        let remove: fn(&str) -> bool = match self {
            Self::App { .. } => not_for_the_app,
            Self::Port { .. } | Self::ControlPlane => not_for_the_host,
        };
        Ok(relay::Head { host, add, remove: vec![remove], path: None, timeout })
    }
}

/// `head` as the host at `upstream` expects it.
///
/// # Errors
/// An address that cannot be written into a header.
pub(super) fn toward(upstream: &Upstream, mut head: relay::Head) -> Result<relay::Head, Problem> {
    head.host = value(&upstream.host)?;
    for (name, text) in &upstream.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        head.add.push((name.map_err(|_| Problem::HostUnreachable)?, value(text)?));
    }
    Ok(head)
}

fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|_| Problem::BadRequest { what: "its host is not valid" })
}

/// The name and port that the visitor asked for: `:authority`, or `Host`. What `X-Forwarded-Host` says is anybody's word.
pub(super) fn host(request: &HttpRequest) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST)?.to_str().ok(),
    }
}

fn is_it(wanted: &Secret, shown: Option<&[u8]>) -> bool {
    shown.is_some_and(|shown| shown.ct_eq(wanted.expose().as_bytes()).into())
}

/// What a visitor cannot be trusted with saying: where a request goes, and where it came from.
fn not_for_the_host(name: &str) -> bool {
    name.starts_with("x-spawnai-")
        || name.starts_with("x-forwarded-")
        || matches!(name, "forwarded" | "x-real-ip" | "e2b-sandbox-id" | "e2b-sandbox-port")
}

/// Tokens for the E2B protocol mean something to who asks for a sandbox by its id, and nothing to an app.
fn not_for_the_app(name: &str) -> bool {
    name.starts_with("e2b-") || not_for_the_host(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_leads_to_a_target_or_to_a_reason() {
        let (domain, routes) = (Domain::default(), Routes::default());
        let port = |port| Port::new(port).unwrap();
        let (slug, sandbox) = (|text: &str| text.parse().unwrap(), "i1".parse::<SandboxId>().unwrap());
        routes.set(slug("live-1"), Route::Live { sandbox: sandbox.clone(), port: port(3000) });
        routes.set(slug("new-1"), Route::Starting { step: "writing" });
        routes.set(slug("old-1"), Route::Ended { reason: "Its time was up.".to_owned() });
        // No session could take it: a slug has a dash. But if one did, the control plane comes first.
        routes.set(slug("api"), Route::Live { sandbox: sandbox.clone(), port: port(3000) });
        let app = Target::App { sandbox: sandbox.clone(), port: port(3000) };
        let no_app = || Problem::NoApp { domain: "localhost".to_owned() };
        let cases = [
            ("live-1.localhost:8443", Ok(app.clone())),
            ("LIVE-1.LOCALHOST", Ok(app)),
            ("49983-i1.localhost", Ok(Target::Port { sandbox, port: port(49983) })),
            ("api.localhost:8443", Ok(Target::ControlPlane)),
            ("API.LocalHost.", Ok(Target::ControlPlane)),
            ("new-1.localhost", Err(Problem::Starting { step: "writing" })),
            ("old-1.localhost", Err(Problem::Ended { reason: "Its time was up.".to_owned() })),
            ("live-2.localhost", Err(Problem::UnknownApp)),
            ("localhost:8443", Err(no_app())),
            ("example.com", Err(no_app())),
            ("api.example.com", Err(no_app())),
            ("api.api.localhost", Err(no_app())),
        ];
        for (host, expected) in cases {
            let name = host_name(host);
            let of = |server_name| Target::of(host, server_name, None, &domain, &routes);
            assert_eq!(of(None), expected, "{host}");
            assert_eq!(of(Some(&name)), expected, "{host}");
            assert_eq!(of(Some("other.localhost")), Err(Problem::Misdirected), "{host}");
        }
    }

    #[test]
    fn an_app_that_is_being_proven_is_open_to_the_pass_alone() {
        let (domain, routes) = (Domain::default(), Routes::default());
        let (sandbox, port) = ("i1".parse::<SandboxId>().unwrap(), Port::new(3000).unwrap());
        let pass = Secret::new("sesame".to_owned());
        routes.set("new-1".parse().unwrap(), Route::Proving { step: "checking", sandbox: sandbox.clone(), port, pass });
        let of = |pass| Target::of("new-1.localhost", None, pass, &domain, &routes);
        assert_eq!(of(Some(b"sesame".as_slice())), Ok(Target::App { sandbox, port }));
        for wrong in [None, Some(b"".as_slice()), Some(b"sesam"), Some(b"sesamex")] {
            assert_eq!(of(wrong), Err(Problem::Starting { step: "checking" }), "{wrong:?}");
        }
    }

    #[test]
    fn only_the_embedded_host_has_a_control_plane_here() {
        let domain = Domain::default();
        let near = Addressing::Headers { address: "127.0.0.1:8090".to_owned() };
        let upstream = Target::ControlPlane.upstream(&near, &domain).unwrap();
        assert_eq!((upstream.address.as_str(), upstream.headers.len()), ("127.0.0.1:8090", 0));
        let cloud = Addressing::Wildcard { domain: "e2b.app".to_owned() };
        let refused = Target::ControlPlane.upstream(&cloud, &domain);
        assert_eq!(refused, Err(Problem::NoApp { domain: "localhost".to_owned() }));
    }

    #[test]
    fn nobody_says_where_a_request_goes_but_its_host_name() {
        let near = Addressing::Headers { address: "127.0.0.1:8090".to_owned() };
        let (sandbox, port) = ("i1".parse::<SandboxId>().unwrap(), Port::new(3000).unwrap());
        let app = Target::App { sandbox: sandbox.clone(), port };
        for target in [app.clone(), Target::Port { sandbox, port }, Target::ControlPlane] {
            let upstream = target.upstream(&near, &Domain::default()).unwrap();
            let head = toward(&upstream, target.head("x.localhost", None, Duration::ZERO).unwrap()).unwrap();
            assert_eq!(head.host, "127.0.0.1:8090");
            for steering in [
                "e2b-sandbox-id",
                "e2b-sandbox-port",
                "x-forwarded-host",
                "x-spawnai-host",
                "x-spawnai-pass",
                "forwarded",
            ] {
                assert!(head.removes(steering), "{target:?} {steering}");
            }
            // What proves that somebody may do something goes to whom it is for.
            assert!(!head.removes("x-access-token") && !head.removes("x-api-key"), "{target:?}");
            assert_eq!(head.removes("e2b-traffic-access-token"), target == app, "{target:?}");
        }
    }
}

use std::{error::Error, net::SocketAddr};

use crate::{gateway, generator::claude::PriceListError, guard, host, limiter, sandbox, store};

/// Why the engine did not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    DatabaseUrl(#[from] store::DatabaseUrlError),
    #[error("REDIS_URL: {0}")]
    RedisUrl(#[from] limiter::RedisUrlError),
    #[error(transparent)]
    Host(#[from] host::HostError),
    #[error(transparent)]
    Domain(#[from] gateway::DomainError),
    #[error(transparent)]
    Authority(#[from] gateway::AuthorityError),
    #[error(transparent)]
    Gateway(#[from] gateway::GatewayError),
    #[error(transparent)]
    Front(#[from] sandbox::FrontError),
    #[error("{0} is in use by another program: stop that, or choose another address with SPAWNAI_LISTEN")]
    Taken(SocketAddr),
    #[error("cannot listen on {address} (SPAWNAI_LISTEN)")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(
        "SPAWNAI_LISTEN={0} would offer the API to the network, and this version has no keys to guard it: listen on \
         127.0.0.1 and put a proxy that authenticates before it"
    )]
    Exposed(SocketAddr),
    #[error("SPAWNAI_CLAUDE_MODEL or SPAWNAI_CLAUDE_SECOND_MODEL: {0}")]
    Model(String),
    #[error("SPAWNAI_CLAUDE_PRICES")]
    Prices(#[from] PriceFileError),
    #[error("SPAWNAI_GUARD_POLICY")]
    Policy(#[from] PolicyFileError),
    #[error(
        "SPAWNAI_HOST_LISTEN={0} would offer sandboxes to the network in plain HTTP, where the key can be read: listen on \
         127.0.0.1 and let others in by TLS (SPAWNAI_GATEWAY_LISTEN), or say `spawnai host --expose-plain-http`"
    )]
    HostExposed(SocketAddr),
    #[error(
        "E2B_SANDBOX_URL={0} is not http://HOST:PORT: sandboxes that share one address are spoken to in plain HTTP; those that \
         speak TLS have host names of their own, under E2B_DOMAIN"
    )]
    SandboxUrl(String),
    #[error("cannot collect metrics")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    #[error("the {0} did not answer while starting")]
    Unanswered(&'static str),
}

/// Why the price list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceFileError {
    #[error("cannot read {path}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{path}")]
    Invalid { path: String, source: PriceListError },
}

/// Why the guard's policy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFileError {
    #[error("cannot read {path}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{path}")]
    Invalid { path: String, source: guard::PolicyError },
}

/// An error and what brought it about, in one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        // A transparent error says the same as its source.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

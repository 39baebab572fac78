//! Why a host does not start, and why it does not do what it is asked.

use std::{io, path::PathBuf};

use super::agent::protocol::{About, Refused};

/// Why [`super::Host::start`] failed.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error("cannot listen on {address} for the sandbox host: set SPAWNAI_HOST_LISTEN to a free address")]
    Listen {
        address: std::net::SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("cannot use {} for the sandbox host's key: make the data folder writable or set SPAWNAI_DATA_DIR", path.display())]
    Key {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} does not hold a key of the form e2b_ and 40 hexadecimal digits: remove it to get a new one", .0.display())]
    KeyForm(PathBuf),
    #[error("cannot isolate sandboxes on this machine, and refuses to run code without: {why}; {remedy}")]
    Isolation { why: String, remedy: String },
    #[error("cannot start the sandbox host's threads")]
    Threads(#[source] io::Error),
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("sandbox could not {step}: {}", io::Error::from_raw_os_error(*errno))]
    Step { step: String, errno: i32 },
    #[error("cannot run {}", path.display())]
    Spawn {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot {action}")]
    Io {
        action: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("the sandbox's first process ended before it was ready")]
    Ended,
    #[error("the sandbox's first process spoke out of turn")]
    Protocol,
    #[error("cannot limit the sandbox")]
    Cgroup(#[from] super::cgroup::CgroupError),
}

/// Why a sandbox did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AgentError {
    /// PID 1 is gone or broke the protocol; the sandbox is over.
    #[error("the sandbox is gone")]
    Gone,
    #[error("request is too large")]
    TooLarge,
    #[error("{}: {}", about(.0.about), io::Error::from_raw_os_error(.0.errno))]
    Refused(Refused),
}

fn about(about: About) -> &'static str {
    match about {
        About::Path => "path",
        About::Program => "program",
        About::Folder => "working directory",
        About::Process => "process",
        About::Port => "port",
        About::Agent => "sandbox",
    }
}

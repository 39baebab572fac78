//! A sandbox's way to the internet: a filtering HTTP proxy on 127.0.0.1 inside, served from outside.
//!
//! ```text
//!  sandbox (network namespace with lo alone)          host
//!  PID 1 ── listening socket, once, SCM_RIGHTS ─────► Line ── accept ──► proxy ─┬─ CONNECT ───► tunnel ─┐
//!  npm, pip, git, curl ── 127.0.0.1:3128 ───────────►                           └─ GET http:// ► hyper ──┤
//!                                                                                                       ▼
//!                          rules.decide(host, address) ◄── resolver ◄─────────────────────────────── dial
//!                                     └─ only the address that was decided on is connected to ──► internet
//! ```
//!
//! A socket belongs to the namespace that it was made in, whoever accepts on it: nothing new runs inside, and it is
//! the same as root and rootless. Names are resolved here and not inside, and the very address that passed the rules
//! is connected to, so a name that resolves differently a second time gains nothing. TLS is never opened: what goes
//! through CONNECT is bytes.
//!
//! A sandbox that may reach nothing has no socket, no task and no variable of this. Each line belongs to its sandbox:
//! its connections are its own tasks, bounded in number, and cut when the sandbox ends or its rules change.
//!
//! - `address`, `rules`, `environment` are pure.
//! - `dial` resolves, asks the rules and connects; `proxy` speaks HTTP; `line` is the task of one sandbox.
//! - `counted` counts the bytes; `resolver` asks for addresses.

mod address;
mod counted;
mod dial;
mod environment;
mod line;
mod proxy;
mod resolver;
mod rules;
#[cfg(test)]
mod tests;

pub use self::{
    counted::Traffic,
    line::{Egress, Exit, OpenError},
    resolver::Resolver,
    rules::Rules,
};
use crate::types::Cidr;

/// What the operator of a host says about the internet.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Whether a sandbox has internet when whoever makes it does not say.
    pub by_default: bool,
    /// Addresses that sandboxes may connect to although they are not the public internet's, within their own rules:
    /// a package registry in one's own network. None unless set.
    pub allow: Vec<Cidr>,
    /// Who knows the addresses of names.
    pub resolver: Resolver,
}

//! The embedded sandbox host: E2B's protocol on one loopback port, and real sandboxes behind it.
//!
//! ```text
//!  E2B SDK, our own engine ──HTTP──► api ─┬─ control plane ──► sandboxes ──► launch ──► PID 1 (agent)
//!                                         ├─ envd (49983) ──► sandbox ◄── descriptors ──┘
//!                                         └─ other ports ───► sandbox.connect ──► relay ──► the app inside
//! ```
//!
//! No daemon, no Docker, no root needed, and no code of ours between an app and its client once a descriptor has been
//! handed out. The box knows nothing of sessions: it speaks only its protocol, so that the engine cannot tell it from
//! E2B's cloud.
//!
//! - `agent` runs inside, as PID 1; `launch` brings it up; `cgroup` limits it.
//! - `sandboxes` is the table, `sandbox` one entry, `process` one program in it; `starts` and `idempotency` order and
//!   count what is asked for.
//! - `watch` tells who asks what happens in a sandbox's folders.
//! - `egress` is a sandbox's way to the internet: a filtering proxy.
//! - `api` is the port: control plane, proxy; `envd` is what E2B runs inside and we run here.
//! - `snapshots` keeps files of sandboxes, and begins others with them.
//! - `lifecycle` decides when a sandbox is paused, woken or killed; `pause` does it, and `sleep` where only files
//!   are kept.
//! - `sampling` measures into each sandbox's `history`; its `journal` tells what befell it.
//! - `meter` looks at what they use; `usage` sums it up, and `allowance` bounds what they print.
//! - `probe` tells what the machine enforces; `sweep` removes what a crash has left.

mod agent;
mod allowance;
mod api;
mod cgroup;
mod config;
mod connection;
mod egress;
mod envd;
mod error;
mod foreign;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod history;
#[cfg(test)]
mod hostile_agent_tests;
mod idempotency;
mod journal;
mod key;
mod launch;
mod lifecycle;
mod meter;
mod pause;
mod probe;
mod process;
mod sampling;
mod sandbox;
mod sandboxes;
mod server;
mod sleep;
mod snapshots;
mod spares;
mod starts;
mod sweep;
mod terminal;
mod usage;
mod watch;

#[cfg(test)]
mod sandbox_tests;

pub use agent::sandbox_init;
pub use api::Visits;
pub use config::{Config, Limits};
pub use egress::{Config as EgressConfig, Resolver};
pub use error::{HostError, LaunchError};
pub use probe::{Capability, State, offers, probe};
pub use server::Host;

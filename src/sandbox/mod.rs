//! Sandboxes: the client of the E2B protocol, the pool that keeps some of them warm, and the deployment of an app.
//!
//! ```text
//!   session ──Acquire──► pool ──create, timeout, kill──► client ──► E2B's cloud, or the embedded host
//!      │  ◄──Lease──────  │                                 ▲          (one protocol, one code path)
//!      └────── deploy(lease, artifact) ─────────────────────┘
//!                 upload → build → start → port answers → checks → RunningApp
//!                                             └── front ──┘ through the gateway, as visitors come
//! ```
//! The pool alone creates and ends sandboxes, so it alone can promise that each is given back exactly once; a deployment
//! only uses one. `client` makes single attempts and names what happened; the policies stand in `pool::state` and
//! `deploy`, where they can be read.
//!
//! Pure: `frames`, `multipart`, `wire`, `pool::state`, `deploy::{check, laid, output}`. Plumbing: `transport`,
//! `client`, `front`, `process`, `pool::actor`.

mod client;
mod config;
mod deploy;
mod error;
mod frames;
mod front;
#[cfg(fuzzing)]
pub mod fuzzing;
mod lease;
mod multipart;
mod pool;
mod process;
mod request;
mod transport;
mod used;
mod wire;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod scripted;

#[cfg(test)]
pub(crate) use pool::played;

pub use client::Client;
pub use config::{Config, Endpoint};
pub use deploy::{APP_FOLDER, DeployFailure, DeployLimits, Laid, Plan, RunningApp, Step, Turns, Way, deploy};
pub use error::SandboxError;
pub use front::{Front, FrontError, Visit};
pub use lease::Lease;
pub use pool::{Acquire, Claim, Drain, Handed, Pool, PoolStats, Release, SetTimeout, Stats};
pub use process::{ProcessEvent, ProcessStream, Stream, ending};
pub use request::{ANSWER_MAX, Answer, Command, CreateRequest, FILE_MAX};
pub use used::Used;
pub use wire::SandboxInfo;

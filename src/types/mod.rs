//! The vocabulary of the house: ids, money, time, apps, failures.
//!
//! Everything here is a plain value. No clock, no I/O, no actor; imports nothing of ours, and every
//! other box may import it.

mod addressing;
mod app;
mod cidr;
mod clock;
mod failure;
mod finding;
mod front;
mod ids;
mod money;
mod plan;
mod secret;
mod status;
mod time;

pub use addressing::{Addressing, Upstream, reachable};
pub use app::{AppFile, AppType, Artifact, Check, Expectation, Origin, PORTS, Port, Runtime, includes};
pub use cidr::{Cidr, CidrError};
pub use failure::{Category, Failure};
pub use finding::{Egress, Finding, Reach, Severity};
pub use front::{PASS_HEADER, PROBLEM_HEADER};
pub use ids::{IdError, RequestId, SandboxId, SessionId, Slug, UserId};
pub use money::{MicroUsd, Rates, SandboxSize};
pub use plan::{Plan, PlanLimits};
pub use secret::Secret;
pub use status::{EndReason, Phase, Status};
pub use time::Timestamp;

//! The pool of sandboxes: `state` decides (with `setback`, `releases` and `strangers`), `actor` does.

mod actor;
#[cfg(test)]
mod actor_tests;
mod event;
mod messages;
mod releases;
mod setback;
mod state;
#[cfg(test)]
mod state_tests;
mod strangers;

pub use actor::{Handed, Pool};
pub use event::PoolStats;
pub use messages::{Acquire, Claim, Drain, Release, SetTimeout, Stats};

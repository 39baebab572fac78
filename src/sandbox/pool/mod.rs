//! The pool of sandboxes: `state` decides (with `setback` and `releases`), `actor` does.

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

pub use actor::{Handed, Pool};
pub use event::PoolStats;
pub use messages::{Acquire, Drain, Release, SetTimeout, Stats};

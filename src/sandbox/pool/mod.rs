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

/// The pool's decisions as values, for whoever plays the world around them.
#[cfg(test)]
pub(crate) mod played {
    pub(crate) use super::{
        event::{Effect, Event, Limits, StartId, WaiterId},
        state::{State, WARM_LIFETIME},
    };
}

//! Supervision: an actor may die, its post may not.
//!
//! ```text
//!   whoever asks ──ask, tell──► Post ──► the actor that holds it
//!                                ▲            │ carries a Life; its drop reports the end, panics included
//!                                │            ▼
//!                     Life::begin│          Exit ──► keep ── patience (Restarts) ──► make another
//!                                └──────────────────────────────────────────────────────┘
//! ```
//! actix restarts a *stopped* context on the same dirty object, and does not survive a panic at all. So an actor that
//! must always be there is made anew, from what is stored, by whoever keeps it: [`keep`] the few that there is one of,
//! the registry the many sessions. An address dies with its actor; a [`Post`] is what others hold instead. While it is
//! vacant, what is told waits in it, and who asks waits for the next holder.
//!
//! Each actor says which message it is about to handle ([`Life::handling`]). That is what the reason of a restart
//! names, what the mailbox's depth is counted by, and, in builds with debug assertions only, where tests make it panic.

mod exit;
mod failpoint;
mod keep;
mod life;
mod post;
mod restarts;
#[cfg(test)]
mod tests;
mod tree;

pub use exit::{Exit, hear_panics};
pub use keep::{Kept, keep};
pub use life::Life;
pub use post::{Post, Unanswered};
pub use restarts::{Restarts, Verdict};
pub use tree::{ActorView, Condition, Tree};

//! The registry: starts sessions, finds them, and sees that they go on.
//!
//! ```text
//!  Spawn ─► room? ─► ledger: reserve ─► start ─► first commit ─► Accepted
//!
//!  SessionActor drops ─► Exited ─┬─ finished ──► forget it
//!                                ├─ stopped or panicked, patience left ─► (backoff) ─► store ─► recover ─► start
//!                                └─ patience used up ─► start it once more, only to fail it with a clear error
//! ```
//!
//! Each session actor carries a [`Life`](crate::supervisor::Life) whose drop reports the end, and has a post that its
//! next life takes over, with all who listen. The registry is kept itself: one that is made anew takes over the sessions
//! that are alive as they are, and builds the others from the store.
//!
//! [`Directory`] is the part that others may read without asking: published views by id, lock-free. A status query
//! never waits for a mailbox.

mod actor;
mod answering;
mod directory;
mod messages;
mod restore;
#[cfg(test)]
mod tests;

pub use actor::{Config, Registry};
pub use directory::Directory;
pub use messages::{Accepted, Actors, Drain, ListActors, ProbeSandboxes, Restore, Spawn, SpawnError, SupervisorView};

use crate::supervisor::{Restarts, Verdict};

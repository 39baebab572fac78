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
//! actix restarts a *stopped* context on the same dirty object, and does not survive a panic at all. So the registry
//! owns the way to build a session from the store, and each session actor carries a guard whose drop reports the end.
//!
//! [`Directory`] is the part that others may read without asking: published views by id, lock-free. A status query
//! never waits for a mailbox.

mod actor;
mod directory;
mod messages;
mod restarts;
#[cfg(test)]
mod tests;

pub use actor::{Config, Registry};
pub use directory::Directory;
pub use messages::{Accepted, Actors, Drain, ListActors, ProbeSandboxes, Restore, Spawn, SpawnError, SupervisorView};
pub use restarts::{Restarts, Verdict};

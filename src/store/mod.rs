//! The durable truth: what happened to every session, and what it cost.
//!
//! ```text
//!  session actor ── Commit { state, events, charges, artifact } ──► one transaction ──► SQLite | PostgreSQL
//!        ▲                                                            │   └─ Step: what it changed, appended to the log
//!        └── Ok | Conflict (somebody else moved the session on) ──────┘
//! ```
//!
//! A session's new state, the events that tell of it, and the charges that it caused are written together or not at
//! all. The state is guarded by a compare-and-set on its revision, so two owners of one session cannot both go on;
//! a charge is a total so far under an idempotency key, so telling it twice costs nobody twice.
//!
//! - **A commit may be made again.** Whoever did not hear the answer makes the same commit anew, and is told that it
//!   is made already ([`Mark`]); so an outage of the database costs time and nothing else.
//! - **One log makes it all again.** [`Replay`] folds a session's steps to what the tables have; [`Store::verify`]
//!   holds the two against each other.
//! - **One engine per database**, and per folder: [`DataDir`], the lock beside an SQLite file, an advisory lock in
//!   PostgreSQL. Each names the holder.
//! - Every call runs to its end on the store's own threads, even when whoever asked has gone: a half-asked commit does
//!   not exist. The questions (`queries.rs`) are written once and compiled for both databases.

mod days;
mod error;
mod folder;
mod handle;
#[cfg(test)]
pub(crate) mod played;
mod postgres;
mod records;
mod rows;
mod schema;
mod sqlite;
mod steps;
#[cfg(test)]
mod tests;
mod url;
mod verify;

pub use days::Day;
pub use error::StoreError;
pub use folder::DataDir;
pub use handle::Store;
pub use rows::{
    ChargeKind, ChargeRow, Commit, Cursor, CursorError, EventRow, ListQuery, Mark, Page, Purpose, SessionRow, Spending,
    UsageRow,
};
pub use steps::{Difference, Replay, Step};
pub use url::{DatabaseUrl, DatabaseUrlError, ServerHost, ServerTls, ServerUrl};
pub use verify::Verification;

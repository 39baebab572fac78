//! The durable truth: what happened to every session, and what it cost.
//!
//! ```text
//!  session actor ── Commit { state, events, charges, artifact } ──► one transaction ──► SQLite
//!        ▲                                                               │
//!        └── Ok | Conflict (somebody else moved the session on) ─────────┘
//! ```
//!
//! A session's new state, the events that tell of it, and the charges that it caused are written together or not at
//! all. The state is guarded by a compare-and-set on its revision, so two owners of one session cannot both go on;
//! a charge is a total so far under an idempotency key, so telling it twice costs nobody twice.
//!
//! Every call runs to its end on the store's own threads, even when whoever asked has gone: a half-asked commit
//! does not exist. [`DataDir`] keeps a second engine out of the same folder.

mod days;
mod error;
mod folder;
mod handle;
mod queries;
mod records;
mod rows;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;
mod url;

pub use days::Day;
pub use error::StoreError;
pub use folder::DataDir;
pub use handle::Store;
pub use rows::{
    ChargeKind, ChargeRow, Commit, Cursor, CursorError, EventRow, ListQuery, Page, SessionRow, Spending, UsageRow,
};
pub use url::{DatabaseUrl, DatabaseUrlError};

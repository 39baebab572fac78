//! Dollar ceilings that hold.
//!
//! ```text
//!             reserve                    charge (a total so far)               settle
//!   (nothing) ───────► open account ──────────────────────────► open account ─────────► settled account
//!       │              holds its budget     spent grows, what      holds less   │        holds nothing, knows
//!       ▼ Refused      against both days'   is held shrinks as     └────────────┘        its totals for charges
//!     ceiling, when    ceilings             much                                         that come late
//! ```
//!
//! What a session may still cost is held before it may cost anything, so `spent + held` can pass no ceiling as long as
//! sessions stay within their budgets; one that passes its own is told so with the charge, and ends. At midnight UTC
//! nothing is spent yet, and what is held stays held: it will be spent tomorrow. Yesterday's sums are kept for a clock
//! that is set back.
//!
//! The charges themselves are in the store, written with the state that caused them. The ledger is told afterwards and
//! keeps sums only, so it can always be loaded again; told twice, late or out of order, it comes to the same sums.

mod account;
mod actor;
mod book;
mod ceiling;
mod messages;
mod purse;

pub use account::Standing;
pub use actor::Ledger;
pub use book::{Book, Stats, Sums};
pub use ceiling::{Ceiling, Config, Refused};
pub use messages::{Charged, HoldLess, Reserve, Settle, StatsQuery, UsageQuery};

//! A session: one wish on its way to a live app, and that app until its end.
//!
//! ```text
//!            Begun        Generated        Acquired        Deployed
//! Creating ───────► Generating ───────► Acquiring ───────► Deploying ───────► Ready
//!    │                  │                 │  ▲ ▲  (retryable) │                │ │
//!    │                  │                 │  │ └──────────────┘   AppEnded     │ │
//!    │                  │                 │  └────────────────────(≤ 3 times)──┘ │
//!    └──── failure or deadline ───────────┴──────────────► Failed                │
//!    └──── destroy, time up, money up ───────────────────► Expired ◄─────────────┘
//! ```
//!
//! - `Acquiring` is apart from `Deploying`, though the outside reads `deploying` for both: only one of them holds a
//!   sandbox that must be given back, and a state carries its own data.
//! - An app that ends, or a sandbox that is lost, goes back to `Acquiring`: the artifact is at hand, a fresh sandbox is
//!   milliseconds away, and a used one can be in any state.
//! - Each entry into a state is an **attempt**. Outcomes carry the attempt that asked for them, so a late one changes
//!   nothing; but what it brought is settled: an orphan sandbox is released and its time charged.
//! - [`transition`] decides and returns effects as data. [`SessionActor`] commits the decision to the store with a
//!   compare-and-set, and only then carries the effects out.

mod actor;
mod logs;
mod machine;
mod messages;
#[cfg(test)]
mod properties;
mod reading;
mod recover;
mod rejected;
mod state;
mod view;
mod work;
mod writing;

pub use actor::{ExitGuard, Kept, Opening, Parts, SessionActor};
pub use logs::{Line, LogPage, Source};
pub use machine::transition;
pub use messages::{
    Delivery, Destroy, Ended, Exited, Extend, ExtendError, Extended, FollowLogs, Hibernate, Logs, Snapshot, Subscribe,
    Subscriber, TooManySubscribers, Unsubscribe,
};
pub use recover::{HostFate, give_up, recover};
pub use rejected::Rejected;
pub use state::{Attempt, Charge, Command, Effect, Outcome, Session, Signal, Spec, State};
pub use view::View;

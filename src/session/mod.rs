//! A session: one wish on its way to a live app, and that app until its end.
//!
//! ```text
//!                          Generated, and the sandbox that was fetched meanwhile is held
//!                       ┌──────────────────────────────────────┐
//!            Begun      │ Generated        Acquired            ▼ Deployed
//! Creating ───────► Generating ───────► Acquiring ───────► Deploying ───────► Ready
//!    │                  │ Acquired        │  ▲ ▲  (retryable, │                │ │
//!    │                  │ (held)          │  │ │      mended)  │                │ │
//!    │                  │                 │  │ └──────────────┘   AppEnded     │ │
//!    │                  │                 │  └────────────────────(≤ 3 times)──┘ │
//!    └──── failure or deadline ───────────┴──────────────► Failed                │
//!    └──── destroy, time up, money up ───────────────────► Expired ◄─────────────┘
//! ```
//!
//! - `Generating` asks for the sandbox, too: a model thinks for as long as a sandbox takes to start, and what is written
//!   can be brought there before the rest is. The sandbox that comes is held by the state, and given back on each way out
//!   that does not use it. One that is still to come when the app is written is awaited by `Acquiring`, under the
//!   attempt that asked for it.
//! - `Acquiring` is apart from `Deploying`, though the outside reads `deploying` for both: only one of them holds a
//!   sandbox that must be given back, and a state carries its own data.
//! - An app that ends, or a sandbox that is lost, goes back to `Acquiring`: the artifact is at hand, a fresh sandbox is
//!   milliseconds away, and a used one can be in any state.
//! - Each entry into a state is an **attempt**. Outcomes carry the attempt that asked for them, so a late one changes
//!   nothing; but what it brought is settled: an orphan sandbox is released and its time charged.
//! - [`transition`] decides and returns effects as data. [`SessionActor`] commits the decision to the store with a
//!   compare-and-set, and only then carries the effects out.

mod actor;
mod answering;
mod audience;
mod audit;
mod clearing;
mod committing;
mod deploying;
mod effect;
mod history;
mod inspection;
mod installing;
mod listening;
mod logs;
mod machine;
mod manuscript;
mod mending;
mod messages;
mod money;
mod proof;
#[cfg(test)]
mod properties;
mod reading;
mod recover;
mod rejected;
mod rows;
mod settling;
mod signal;
#[cfg(test)]
mod simulation;
mod staging;
mod state;
mod view;
mod work;
mod writing;

pub use actor::{Kept, Opening, Parts, SessionActor};
pub use audience::Audience;
pub use audit::audit;
pub use effect::{Charge, Effect};
pub use history::{Mender, Repair, Trial};
pub use inspection::Inspection;
pub use logs::{Line, LogPage, Source};
pub use machine::transition;
pub use messages::{
    Delivery, Destroy, Ended, Exited, Extend, ExtendError, Extended, FollowLogs, Hibernate, Logs, Rest, Snapshot,
    Subscribe, Subscriber, TooManySubscribers, Unsubscribe,
};
pub use recover::{HostFate, give_up, recover};
pub use rejected::Rejected;
pub use signal::{Command, Outcome, Signal};
pub use state::{Ahead, Asked, Attempt, Session, Spec, State};
pub use view::View;

pub use crate::generator::author::Words;

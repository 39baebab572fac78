//! The author: a wish becomes an app that Claude wrote, or the reason why it did not.
//!
//! ```text
//!   first try: full template ──► whole ─► Artifact
//!        │ no app                   ▲  │ cut: the rest is asked for
//!        ├────► simple template ────┤  └──┘
//!        │ the model fails          │
//!        └────► second model ───────┘
//!        ×  the key, the money, the network: nobody else there can help
//! ```
//!
//! `plan` decides, purely, who is asked next; [`Author`] asks. What it costs is in a [`Tally`] that whoever ordered the
//! app keeps a handle to: dropping the work stops the stream, and what was used until then is still known.

mod estimate;
mod plan;
mod tally;
mod work;

pub use estimate::Words;
pub use plan::{Attempt, WriteError, first, may_fall_back, next};
pub use tally::{Spent, Tally};
pub use work::{Author, Heard, Order};

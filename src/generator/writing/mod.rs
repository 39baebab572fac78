//! Writing: the pieces of one or more answers become an artifact, or a named reason why not.
//!
//! ```text
//!   text ─► Draft ─► Progress (a file begins, grows, is whole)
//!             │
//!   the end ──┴─► judge ─┬─ Whole(Rough) ─► polished
//!                        ├─ Continue { cut }     max_tokens, or the connection broke: what is whole is kept
//!                        └─ Failed(NoApp)        refused, empty, prose only, wrong nonce, hostile, cut too often
//! ```
//!
//! A cut answer is not lost: its whole files stay, and the rest is asked for, at most [`CONTINUATIONS_MAX`] times.

mod assemble;
mod draft;
mod no_app;

pub use assemble::{Made, Rough};
pub use draft::{CONTINUATIONS_MAX, Draft, Outcome, Progress, Stop};
pub use no_app::NoApp;

//! A sandbox's files as one stream of bytes, out and in again.
//!
//! ```text
//!  host                         PID 1                       its child
//!    │ ── Op::Capture ───────────► │ ── fork ────────────────► │ gives away all but what reading takes
//!    │ ◄── exit pipe, data pipe ── │                           │ walks the roots
//!    │ ◄═══════════════════ archive ══════════════════════════ │
//!    │ ◄── exit status ─────────── │ ◄─────────────── ends ─── │ 0, or the errno of what failed
//! ```
//! `Op::Restore` is the same with the archive going the other way. PID 1 never waits for either: it forks, hands out
//! the pipe and reaps. The child is as confined as any program inside; of the rights that PID 1 has it keeps those
//! that owners and modes take. The host moves bytes that it never reads: whatever a hostile sandbox wrote into its
//! archive is only ever taken apart in a sandbox again, by a child as confined as this one.
//!
//! Not tar: of its dialects none that a library here writes has holes, attributes and nanoseconds at once, and each
//! has extensions that another entry's meaning hangs on. One dialect without any is less to get wrong.

mod capture;
mod child;
mod format;
mod restore;

pub use child::{Work, start};

/// What of a sandbox lasts: every folder that programs may write to, but shared memory. One that a sandbox lacks is
/// left out of its archive; an archive with one that a sandbox lacks is refused.
const ROOTS: [&str; 5] = ["home/user", "root", "tmp", "var/tmp", "var/added"];

/// What an archive may take, in and out.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Bytes of content, without holes.
    bytes: u64,
    /// Files, links and, each twice, folders.
    entries: u64,
}

/// Whose files there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owners {
    /// The sandbox's root and its user; anybody else's become the user's.
    Known,
    /// All files are the one user's that there is.
    One,
}

#[cfg(test)]
mod tests;

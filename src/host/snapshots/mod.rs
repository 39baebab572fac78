//! Snapshots: the files of a sandbox, kept beyond its life, and sandboxes that begin with them.
//!
//! ```text
//!  POST …/snapshots ─► take ─► part ──► keep ─► {data dir}/snapshots/{id}.files, {id}.json ─► POST /sandboxes
//!  POST …/fork ──────► take ─► part ──────────► an open file without a name ────────────────► n × restore
//!                       │                                                                         │
//!                 Op::Capture                                                               Op::Restore
//! ```
//! Of files only: memory, programs and connections are not in it. All programs stand still while it is taken, so that no
//! file in it is newer than another. What comes out of a sandbox is compressed and stored, and never looked into on this
//! side.
//!
//! - `name` and `record` tell what a snapshot is called and what is known of it. Pure.
//! - `budget` bounds the bytes of all of them, those being taken included.
//! - `shelf` keeps them on disk; `transfer` moves bytes between a sandbox and a file.

mod budget;
mod name;
mod record;
mod shelf;
mod transfer;

use std::io;

pub use name::{Reference, SnapshotName};
pub use record::{Origin, Query, Record};
pub use shelf::{Archive, Part, Snapshots};
pub use transfer::{restore, take};

use super::{error::AgentError, lifecycle::Rejected, pause::ChangeError};

/// Why there is no snapshot, or no sandbox from one.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("this host keeps at most {0} snapshots: delete one, then try again")]
    TooMany(usize),
    #[error("this host keeps at most {} MiB of snapshots: delete one, then try again", .0 >> 20)]
    Full(u64),
    #[error("the sandbox ended meanwhile")]
    Ended,
    #[error("the sandbox's files are too many, too large or too deep: {}", io::Error::from_raw_os_error(*.0))]
    TooLarge(i32),
    #[error("the snapshot does not fit a sandbox of this host: {}", io::Error::from_raw_os_error(*.0))]
    DoesNotFit(i32),
    #[error("the snapshot is damaged")]
    Damaged,
    #[error("moving the sandbox's files took longer than {0} s")]
    TimedOut(u64),
    #[error("the sandbox's files could not be moved: {}", io::Error::from_raw_os_error(*.0))]
    Inside(i32),
    #[error("the sandbox did not do it")]
    Agent(#[source] AgentError),
    #[error("the sandbox is paused: resume it first")]
    Paused,
    #[error("cannot stop the sandbox's programs meanwhile")]
    Freezer(#[source] io::Error),
    #[error("cannot use the snapshots' folder")]
    Disk(#[source] io::Error),
}

impl From<ChangeError> for SnapshotError {
    fn from(err: ChangeError) -> Self {
        match err {
            ChangeError::Rejected(Rejected::Paused) => Self::Paused,
            ChangeError::Rejected(Rejected::Gone | Rejected::Running) | ChangeError::Agent(AgentError::Gone) => {
                Self::Ended
            }
            ChangeError::Agent(err) => Self::Agent(err),
            ChangeError::Freezer(err) => Self::Freezer(err),
            ChangeError::FilesOnly => Self::Ended,
        }
    }
}

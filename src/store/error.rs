//! What can go wrong with the store, in words for whoever runs the engine.

use std::{path::PathBuf, time::Duration};

use crate::types::{Category, Failure, SessionId};

/// The cause of a [`StoreError`], whatever library it came from.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The stored revision is not the expected one: somebody else moved the session on, or it does not exist.
    #[error("session {session} is not at revision {expected} in the store")]
    Conflict { session: SessionId, expected: i64 },
    /// The session, its slug, or one of the events is there already.
    #[error("session {session} is in the store already")]
    Duplicate { session: SessionId },
    /// A row holds something this version cannot read.
    #[error("cannot read {table} of session {session} from the store: {reason}")]
    Unreadable { table: &'static str, session: String, reason: String },
    /// A value that this version cannot write as JSON.
    #[error("cannot write what is to be stored of session {session}")]
    Unwritable { session: SessionId, source: serde_json::Error },
    /// More than [`super::Store::CALLS_MAX`] calls are waiting.
    #[error("the store is overloaded")]
    Overloaded,
    /// [`super::Store::close`] was called.
    #[error("the store is closed: the engine is stopping")]
    Closed,
    /// The database did not do what it was asked for. The same may go well a moment later.
    #[error("the store is unavailable")]
    Unavailable { source: Cause },
    /// Another engine has taken the database, or did so before: what this one wanted is not written.
    #[error("the database has another engine now")]
    Deposed,
    #[error("cannot use {path} as the data folder: create it, make it writable, or set SPAWNAI_DATA_DIR to another")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(
        "the data folder {path} is in use by another engine ({holder}): stop it, or set SPAWNAI_DATA_DIR to another folder"
    )]
    Locked { path: PathBuf, holder: String },
    #[error(
        "cannot open the database {path}: check that its folder exists and that both are writable, or set DATABASE_URL"
    )]
    Open { path: PathBuf, source: Cause },
    #[error(
        "the database {path} is damaged ({reason}): nothing was changed; move it (with its -wal and -shm files) away \
         and restore a backup, or let the engine begin anew without it"
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "the database {database} was written by a newer spawnai (it has the unknown migration {migration}): nothing was \
         changed; run that version again, or restore the backup made before the upgrade"
    )]
    Newer { database: String, migration: String },
    #[error(
        "the database {database} was written by an older spawnai: start the engine once, which brings it up to date"
    )]
    Older { database: String },
    #[error("cannot bring the database {database} up to this version")]
    Migration { database: String, source: Cause },
    #[error("cannot use the database {database}: {problem}")]
    Unreachable { database: String, problem: String },
    #[error(
        "the database {database} is in use by another engine ({holder}): stop it, or set DATABASE_URL to another database"
    )]
    Taken { database: String, holder: String },
}

impl StoreError {
    pub(super) fn unavailable(source: impl Into<Cause>) -> Self {
        Self::Unavailable { source: source.into() }
    }

    pub(super) fn silent(after: Duration) -> Self {
        Self::unavailable(format!("no answer within {} s", after.as_secs()))
    }

    /// Whether the same call may go well later, without anybody doing anything about the session.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Overloaded | Self::Unavailable { .. } | Self::Deposed => true,
            Self::Conflict { .. }
            | Self::Duplicate { .. }
            | Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::Closed
            | Self::Folder { .. }
            | Self::Locked { .. }
            | Self::Open { .. }
            | Self::Damaged { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Migration { .. }
            | Self::Unreachable { .. }
            | Self::Taken { .. } => false,
        }
    }

    /// What is wrong, in one line with its causes, for whoever runs the engine.
    #[must_use]
    pub fn in_full(&self) -> String {
        with_causes(self)
    }
}

/// An error and what brought it about.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

impl From<diesel::result::Error> for StoreError {
    fn from(source: diesel::result::Error) -> Self {
        Self::unavailable(source)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        const CODE: &str = "store_unavailable";
        match error {
            StoreError::Conflict { .. } | StoreError::Duplicate { .. } => {
                Self::new("session_conflict", Category::System, "the session changed meanwhile: try again").retryable()
            }
            StoreError::Overloaded | StoreError::Closed | StoreError::Unavailable { .. } | StoreError::Deposed => {
                Self::new(CODE, Category::System, "the engine's database does not answer: try again soon").retryable()
            }
            StoreError::Unreadable { .. } | StoreError::Unwritable { .. } => {
                Self::new("store_unreadable", Category::System, "the engine cannot read what it stored of this session")
            }
            // Met before the engine serves anybody: whoever reads this runs the engine, so the words go through.
            error @ (StoreError::Folder { .. }
            | StoreError::Locked { .. }
            | StoreError::Open { .. }
            | StoreError::Damaged { .. }
            | StoreError::Newer { .. }
            | StoreError::Older { .. }
            | StoreError::Migration { .. }
            | StoreError::Unreachable { .. }
            | StoreError::Taken { .. }) => Self::new(CODE, Category::System, error.to_string()),
        }
    }
}

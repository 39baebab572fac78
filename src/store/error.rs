//! What can go wrong with the store, in words for whoever runs the engine.

use std::path::PathBuf;

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
    #[error("cannot write the artifact of session {session}")]
    Unwritable { session: SessionId, source: serde_json::Error },
    /// More than [`super::Store::CALLS_MAX`] calls are waiting.
    #[error("the store is overloaded")]
    Overloaded,
    /// [`super::Store::close`] was called.
    #[error("the store is closed: the engine is stopping")]
    Closed,
    /// The database did not do what it was asked for.
    #[error("the store is unavailable")]
    Unavailable { source: Cause },
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
        "the database {path} was written by a newer spawnai (it has the unknown migration {migration}): nothing was \
         changed; run that version again, or restore the backup made before the upgrade"
    )]
    Newer { path: PathBuf, migration: String },
    #[error("cannot bring the database {path} up to this version")]
    Migration { path: PathBuf, source: Cause },
}

impl StoreError {
    pub(super) fn unavailable(source: impl Into<Cause>) -> Self {
        Self::Unavailable { source: source.into() }
    }
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
            StoreError::Overloaded | StoreError::Closed | StoreError::Unavailable { .. } => {
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
            | StoreError::Migration { .. }) => Self::new(CODE, Category::System, error.to_string()),
        }
    }
}

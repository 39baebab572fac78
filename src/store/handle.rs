//! The handle that everybody holds, and the threads behind it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Runtime,
    sync::{Semaphore, TryAcquireError},
};

use super::{
    ChargeRow, Commit, DatabaseUrl, EventRow, ListQuery, Page, SessionRow, Spending, StoreError, UsageRow, queries,
    sqlite::Database,
};
use crate::types::{Artifact, MicroUsd, SessionId, Timestamp, UserId};

/// Threads that run statements: one for the writer, one for readers beside it.
const THREADS: usize = 2;

/// Statements need little stack; what is kept for them should be little, too.
const STACK_BYTES: usize = 512 << 10;

/// A shared handle to the store. Cheap to clone; usable from any thread and runtime.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    database: Database,
    calls: Arc<Semaphore>,
    /// An option only so that `Drop` can take it.
    runtime: Option<Runtime>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A runtime must not be waited for on another one's thread, where the last handle may well be dropped.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Store {
    /// Calls that may wait or run at once; one more is refused with [`StoreError::Overloaded`].
    pub const CALLS_MAX: usize = 4096;

    /// Events per answer of [`Store::events_after`].
    pub const EVENTS_MAX: usize = 1000;

    /// Opens the database, creates it where it is missing, and migrates it. Blocks for milliseconds: call it at start.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::Damaged`], [`StoreError::Newer`], [`StoreError::Migration`]; each names the
    /// file and says what to do.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let database = match url {
            DatabaseUrl::Sqlite { path } => Database::open(path)?,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("store")
            .thread_stack_size(STACK_BYTES)
            .build()
            .map_err(StoreError::unavailable)?;
        let calls = Arc::new(Semaphore::new(Self::CALLS_MAX));
        Ok(Self(Arc::new(Shared { database, calls, runtime: Some(runtime) })))
    }

    /// Writes one step of a session, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the stored revision is not the expected one, [`StoreError::Duplicate`] when a new
    /// session or one of the events is there already.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let database = self.database();
        self.run(async move { queries::commit(&mut *database.writer().await?, commit).await }).await
    }

    /// One session, `None` when there is no such.
    pub async fn session(&self, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
        let database = self.database();
        self.run(async move { queries::session(&mut *database.reader().await?, id).await }).await
    }

    /// The sessions that are not over, oldest first.
    pub async fn open_sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        let database = self.database();
        self.run(async move { queries::open_sessions(&mut *database.reader().await?).await }).await
    }

    /// How many sessions are not over.
    pub async fn count_open(&self) -> Result<usize, StoreError> {
        let database = self.database();
        let count = self.run(async move { queries::count_open(&mut *database.reader().await?).await }).await?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Sessions, newest first, a page at a time.
    pub async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        let database = self.database();
        self.run(async move { queries::list(&mut *database.reader().await?, query).await }).await
    }

    /// The events of a session that follow number `seq`, in order; at most `limit` and [`Store::EVENTS_MAX`].
    pub async fn events_after(&self, id: SessionId, seq: i64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        let limit = i64::try_from(limit.min(Self::EVENTS_MAX)).unwrap_or(i64::MAX);
        let database = self.database();
        self.run(async move { queries::events_after(&mut *database.reader().await?, id, seq, limit).await }).await
    }

    /// The app that was generated for a session, `None` while there is none.
    pub async fn artifact(&self, id: SessionId) -> Result<Option<Artifact>, StoreError> {
        let database = self.database();
        self.run(async move { queries::artifact(&mut *database.reader().await?, id).await }).await
    }

    /// The last log lines of a session, as its last step left them; `None` while there are none.
    pub async fn logs(&self, id: SessionId) -> Result<Option<String>, StoreError> {
        let database = self.database();
        self.run(async move { queries::logs(&mut *database.reader().await?, id).await }).await
    }

    /// What a session was charged, one row per kind and source.
    pub async fn session_charges(&self, id: SessionId) -> Result<Vec<ChargeRow>, StoreError> {
        let database = self.database();
        self.run(async move { queries::session_charges(&mut *database.reader().await?, id).await }).await
    }

    /// What was spent from `from` until before `to`, by user and kind.
    ///
    /// A day's charges for one thing count at the time of the last of them: exact for spans of whole UTC days.
    pub async fn usage(
        &self,
        from: Timestamp,
        to: Timestamp,
        user: Option<UserId>,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let database = self.database();
        self.run(async move { queries::usage(&mut *database.reader().await?, from, to, user).await }).await
    }

    /// What `user`, or everybody, spent since `from`. As exact as [`Store::usage`].
    pub async fn spent_since(&self, user: Option<UserId>, from: Timestamp) -> Result<MicroUsd, StoreError> {
        let database = self.database();
        self.run(async move { queries::spent_since(&mut *database.reader().await?, user, from).await }).await
    }

    /// Open budgets and what was spent since `from`, as of one moment. For the ledger's start.
    pub async fn spending(&self, from: Timestamp) -> Result<Spending, StoreError> {
        let database = self.database();
        self.run(async move { queries::spending(&mut *database.reader().await?, from).await }).await
    }

    /// Whether the writer answers, and in what time, its queue included.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        let (asked, database) = (Instant::now(), self.database());
        self.run(async move { queries::ping(&mut *database.writer().await?).await }).await?;
        Ok(asked.elapsed())
    }

    /// Waits for the calls under way, refuses further ones on every handle, and folds the log into the database file.
    pub async fn close(&self) {
        // All places taken means that nobody works; a second closer finds the semaphore closed and has nothing to do.
        if let Ok(places) = self.0.calls.acquire_many(Self::CALLS_MAX as u32).await {
            self.0.calls.close();
            self.0.database.close();
            drop(places);
        }
    }

    fn database(&self) -> Database {
        self.0.database.clone()
    }

    /// Runs a call on the store's threads, to its end even when the caller goes away.
    async fn run<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = self.0.calls.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => StoreError::Overloaded,
            TryAcquireError::Closed => StoreError::Closed,
        })?;
        let runtime = self.0.runtime.as_ref().ok_or(StoreError::Closed)?;
        let task = runtime.spawn(async move {
            let _place = place;
            call.await
        });
        task.await.map_err(StoreError::unavailable)?
    }
}

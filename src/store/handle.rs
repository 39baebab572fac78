//! The handle that everybody holds, and the threads behind it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use tokio::{
    runtime::Runtime,
    sync::{Semaphore, TryAcquireError},
};
use tracing::{info, warn};

use super::{
    ChargeRow, Commit, DatabaseUrl, EventRow, ListQuery, Page, Purpose, SessionRow, Spending, StoreError, UsageRow,
    Verification, postgres, sqlite, verify::Verifier,
};
use crate::types::{Artifact, MicroUsd, SessionId, Timestamp, UserId};

/// Threads that run statements: one for the writer, one for readers beside it.
const THREADS: usize = 2;

/// Statements need little stack; what is kept for them should be little, too.
const STACK_BYTES: usize = 512 << 10;

/// How long a database may take to answer one call. Longer than its own timeouts, which say more.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// Sessions whose logs are read at once when the store is verified.
const VERIFIED_AT_ONCE: i64 = 16;

/// Asks one question of whichever database there is, over one of its connections. How a write went is heard even when
/// whoever asked has gone.
macro_rules! ask {
    ($store:expr, $lender:ident, $question:ident($($argument:expr),*)) => {{
        let database = $store.database();
        $store.run(async move { answer!(database, $lender, |_database| $question($($argument),*)) })
    }};
    ($store:expr, $lender:ident, $trouble:ident, |$database:ident| $question:ident($($argument:expr),*)) => {{
        let database = $store.database();
        $store.run(async move {
            // A block of its own, so that whatever is in the way of an answer is heard, too.
            let answer = async { answer!(database, $lender, |$database| $question($($argument),*)) }.await;
            $trouble.hear(&answer);
            answer
        })
    }};
}

macro_rules! answer {
    ($from:ident, $lender:ident, |$database:ident| $question:ident($($argument:expr),*)) => {
        match $from {
            Database::Sqlite($database) => {
                let mut lent = $database.$lender().await?;
                let asked = sqlite::queries::$question(&mut lent, $($argument),*);
                let answer = within(ANSWER_MAX, asked).await;
                if is_broken(&answer) {
                    $database.discard(lent);
                }
                answer
            }
            Database::Postgres($database) => {
                let mut lent = $database.$lender().await?;
                let asked = postgres::queries::$question(&mut lent, $($argument),*);
                let answer = within(ANSWER_MAX, asked).await;
                if is_broken(&answer) {
                    $database.discard(lent);
                }
                answer
            }
        }
    };
}

#[derive(Clone)]
enum Database {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

impl Database {
    fn name(&self) -> String {
        match self {
            Self::Sqlite(database) => database.name(),
            Self::Postgres(database) => database.name(),
        }
    }

    fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close(),
            Self::Postgres(database) => database.close(),
        }
    }
}

/// How the last write went.
struct Trouble {
    database: String,
    /// Why it failed; `None` when it went well.
    why: ArcSwapOption<String>,
}

impl Trouble {
    /// Says so when it changes, so that an outage is two lines of the log and not thousands.
    fn hear<T>(&self, answer: &Result<T, StoreError>) {
        match answer {
            Ok(_) => {
                if self.why.swap(None).is_some() {
                    info!(database = %self.database, "the store takes writes again");
                }
            }
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Deposed)) => {
                let why = error.in_full();
                if self.why.swap(Some(Arc::new(why.clone()))).is_none() {
                    warn!(database = %self.database, error = why, "the store does not take writes");
                }
            }
            // These say nothing of the database.
            Err(_) => {}
        }
    }
}

/// A shared handle to the store. Cheap to clone; usable from any thread and runtime.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    database: Database,
    calls: Arc<Semaphore>,
    trouble: Arc<Trouble>,
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

    /// Opens the database for an engine, creates it where it is missing, and migrates it.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::Unreachable`], [`StoreError::Taken`], [`StoreError::Damaged`],
    /// [`StoreError::Newer`], [`StoreError::Migration`]; each names the database and says what to do.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Serve).await
    }

    /// Opens the database for `purpose`.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::Older`] when it is only to be looked at, and is not up to date.
    pub async fn open_for(url: &DatabaseUrl, purpose: Purpose) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("store")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(StoreError::unavailable)?;
        let url = url.clone();
        // On the threads that the pools live on from then on.
        let opening = runtime.spawn(async move {
            Ok(match url {
                DatabaseUrl::Sqlite { path } => Database::Sqlite(sqlite::Database::open(&path, purpose)?),
                DatabaseUrl::Postgres(url) => Database::Postgres(postgres::Database::open(&url, purpose).await?),
            })
        });
        let opened = opening.await.map_err(StoreError::unavailable).flatten();
        let calls = Arc::new(Semaphore::new(Self::CALLS_MAX));
        match opened {
            Ok(database) => {
                let trouble = Arc::new(Trouble { database: database.name(), why: ArcSwapOption::empty() });
                Ok(Self(Arc::new(Shared { database, calls, trouble, runtime: Some(runtime) })))
            }
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// What the database is, in one line for `doctor`. Makes and takes nothing.
    ///
    /// # Errors
    /// As [`Store::open`], but for those of migrations.
    pub async fn describe(url: &DatabaseUrl) -> Result<String, StoreError> {
        match url {
            DatabaseUrl::Sqlite { path } => sqlite::Database::describe(path),
            DatabaseUrl::Postgres(url) => postgres::Database::describe(url).await,
        }
    }

    /// Writes one step of a session, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the stored revision is not the expected one, [`StoreError::Duplicate`] when a new
    /// session or one of the events is there already.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let trouble = self.0.trouble.clone();
        ask!(self, writer, trouble, |database| commit(commit, database.epoch())).await
    }

    /// One session, `None` when there is no such.
    pub async fn session(&self, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
        ask!(self, reader, session(id)).await
    }

    /// The sessions that are not over, oldest first.
    pub async fn open_sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        ask!(self, reader, open_sessions()).await
    }

    /// How many sessions are not over.
    pub async fn count_open(&self) -> Result<usize, StoreError> {
        let count = ask!(self, reader, count_open()).await?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Sessions, newest first, a page at a time.
    pub async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        ask!(self, reader, list(query)).await
    }

    /// The events of a session that follow number `seq`, in order; at most `limit` and [`Store::EVENTS_MAX`].
    pub async fn events_after(&self, id: SessionId, seq: i64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        let limit = i64::try_from(limit.min(Self::EVENTS_MAX)).unwrap_or(i64::MAX);
        ask!(self, reader, events_after(id, seq, limit)).await
    }

    /// The app that was generated for a session, `None` while there is none.
    pub async fn artifact(&self, id: SessionId) -> Result<Option<Artifact>, StoreError> {
        ask!(self, reader, artifact(id)).await
    }

    /// The last log lines of a session, as its last step left them; `None` while there are none.
    pub async fn logs(&self, id: SessionId) -> Result<Option<String>, StoreError> {
        ask!(self, reader, logs(id)).await
    }

    /// What a session was charged, one row per kind and source.
    pub async fn session_charges(&self, id: SessionId) -> Result<Vec<ChargeRow>, StoreError> {
        ask!(self, reader, session_charges(id)).await
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
        ask!(self, reader, usage(from, to, user)).await
    }

    /// What `user`, or everybody, spent since `from`. As exact as [`Store::usage`].
    pub async fn spent_since(&self, user: Option<UserId>, from: Timestamp) -> Result<MicroUsd, StoreError> {
        ask!(self, reader, spent_since(user, from)).await
    }

    /// Open budgets and what was spent since `from`, as of one moment. For the ledger's start.
    pub async fn spending(&self, from: Timestamp) -> Result<Spending, StoreError> {
        ask!(self, reader, spending(from)).await
    }

    /// Whether the database takes writes, and in what time, the queue included.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        let (asked, now) = (Instant::now(), Timestamp::now());
        let trouble = self.0.trouble.clone();
        ask!(self, writer, trouble, |_database| ping(now)).await?;
        Ok(asked.elapsed())
    }

    /// Why the last write failed, until one goes well: for whoever would rather not begin what cannot be stored.
    #[must_use]
    pub fn trouble(&self) -> Option<Arc<String>> {
        self.0.trouble.why.load_full()
    }

    /// Which database it is, without a password.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.database.name()
    }

    /// Replays the log of every session and holds it against the tables, and the sums against the ledger's. Right only
    /// while nobody writes.
    pub async fn verify(&self) -> Result<Verification, StoreError> {
        let (mut verifier, mut last) = (Verifier::default(), None);
        loop {
            let page = ask!(self, reader, stored_after(last, VERIFIED_AT_ONCE)).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.row.id);
            page.iter().for_each(|stored| verifier.take(stored));
        }
        Ok(verifier.finish(&self.spending(Timestamp(i64::MIN)).await?))
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

/// An answer, or the end of the patience with a database that has not even one for its own timeouts.
async fn within<T>(patience: Duration, asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(StoreError::silent(patience)))
}

/// Whether the connection that gave the answer may be of no use any more, or be still at work on it.
const fn is_broken<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { .. }))
}

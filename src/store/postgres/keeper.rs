//! Who holds the database: a lock that lives as long as its connection, and a task that gets it back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

use super::connect::{Problem, Server};
use crate::store::{Purpose, StoreError};

/// The engine's lock among a database's advisory locks: "spawnai" in ASCII.
const LOCK: i64 = 0x0073_7061_776e_6169;

/// How long a start waits for a lock that may be that of an engine which has just been killed.
const TAKE_MAX: Duration = Duration::from_secs(3);
const TAKE_EVERY: Duration = Duration::from_millis(100);
/// How long the answers to the keeper's own few questions may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);
const AGAIN_FIRST: Duration = Duration::from_millis(100);
const AGAIN_MAX: Duration = Duration::from_secs(2);

/// Holds the database for its engine.
#[derive(Clone)]
pub(super) struct Keeper(Arc<Shared>);

struct Shared {
    state: Arc<State>,
    first: std::sync::Mutex<Option<Held>>,
    task: std::sync::Mutex<Option<AbortOnDropHandle<()>>>,
}

struct State {
    epoch: AtomicI64,
    /// Why the database is not held; `None` while it is.
    lost: ArcSwapOption<String>,
}

/// The lock, for as long as this lives.
struct Held {
    client: Client,
    connection: AbortOnDropHandle<()>,
}

/// Why the lock is not had.
enum Refused {
    Problem(Problem),
    Taken { holder: String },
}

impl Keeper {
    /// Takes the database.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another engine has it, [`StoreError::Unreachable`] when it cannot be reached.
    pub(super) async fn take(server: &Server) -> Result<Self, StoreError> {
        let tries = TAKE_MAX.as_millis() / TAKE_EVERY.as_millis();
        let mut refused = None;
        for _ in 0..tries {
            match lock(server).await {
                Ok(held) => {
                    let state = State { epoch: AtomicI64::new(0), lost: ArcSwapOption::empty() };
                    let first = std::sync::Mutex::new(Some(held));
                    return Ok(Self(Arc::new(Shared { state: Arc::new(state), first, task: Default::default() })));
                }
                Err(Refused::Problem(Problem::NotYet)) => refused = Some(Refused::Problem(Problem::NotYet)),
                Err(Refused::Problem(problem)) => {
                    return Err(StoreError::Unreachable { database: server.name(), problem: problem.to_string() });
                }
                Err(taken @ Refused::Taken { .. }) => refused = Some(taken),
            }
            tokio::time::sleep(TAKE_EVERY).await;
        }
        Err(match refused {
            Some(Refused::Taken { holder }) => StoreError::Taken { database: server.name(), holder },
            Some(Refused::Problem(problem)) => {
                StoreError::Unreachable { database: server.name(), problem: problem.to_string() }
            }
            None => StoreError::Unreachable { database: server.name(), problem: Problem::Silent.to_string() },
        })
    }

    /// Begins this engine's epoch, once the tables are there, and sees from now on that the lock is had again when it is lost.
    /// Whoever only looks leaves the epoch as it is.
    pub(super) async fn begin(&self, server: &Server, purpose: Purpose) -> Result<(), StoreError> {
        let held = self.0.first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(held) = held else { return Err(StoreError::Closed) };
        match purpose {
            Purpose::Serve => {
                let epoch = next_epoch(&held.client).await.map_err(|problem| StoreError::Unreachable {
                    database: server.name(),
                    problem: problem.to_string(),
                })?;
                self.0.state.epoch.store(epoch, Ordering::Relaxed);
            }
            Purpose::Look => {}
        }
        let keeping = tokio::spawn(keep(server.clone(), held, self.0.state.clone()));
        *self.0.task.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(AbortOnDropHandle::new(keeping));
        Ok(())
    }

    /// # Errors
    /// While the database is not held, with the reason.
    pub(super) fn holds(&self) -> Result<(), StoreError> {
        match self.0.state.lost.load_full() {
            None => Ok(()),
            Some(why) => Err(StoreError::unavailable(why.to_string())),
        }
    }

    pub(super) fn epoch(&self) -> i64 {
        self.0.state.epoch.load(Ordering::Relaxed)
    }

    pub(super) fn close(&self) {
        drop(self.0.task.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
    }
}

async fn keep(server: Server, first: Held, state: Arc<State>) {
    let mut held = first;
    loop {
        // Ends with the connection: when the server goes, or its word that it is there does not come any more.
        let _ = (&mut held.connection).await;
        warn!(database = %server.name(), "the database's lock was lost with its connection; nothing is stored until it is had again");
        state.lost.store(Some(Arc::new("the connection that holds it was lost".to_owned())));
        held = again(&server, &state).await;
        state.lost.store(None);
        info!(database = %server.name(), "the database is held again");
    }
}

/// Tries until the lock is had and a new epoch begun. Bounded by the engine's life: there is nothing else to do.
async fn again(server: &Server, state: &State) -> Held {
    let mut wait = AGAIN_FIRST;
    loop {
        let why = match lock(server).await {
            Ok(held) => match next_epoch(&held.client).await {
                Ok(epoch) => {
                    state.epoch.store(epoch, Ordering::Relaxed);
                    return held;
                }
                Err(problem) => problem.to_string(),
            },
            Err(Refused::Problem(problem)) => problem.to_string(),
            Err(Refused::Taken { holder }) => format!("another engine has taken it meanwhile ({holder})"),
        };
        state.lost.store(Some(Arc::new(why)));
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(AGAIN_MAX);
    }
}

async fn lock(server: &Server) -> Result<Held, Refused> {
    let (client, connection): (Client, JoinHandle<()>) = server.open().await.map_err(Refused::Problem)?;
    let connection = AbortOnDropHandle::new(connection);
    let got = answer(client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK])).await?;
    if got.get::<_, bool>(0) {
        return Ok(Held { client, connection });
    }
    let holder = "SELECT a.application_name, COALESCE(host(a.client_addr), 'this machine') \
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
        WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        AND (l.classid::bigint << 32) | l.objid::bigint = $1 LIMIT 1";
    let row = answer(client.query_opt(holder, &[&LOCK])).await?;
    let holder = row.map(|row| format!("{}, from {}", row.get::<_, String>(0), row.get::<_, String>(1)));
    Err(Refused::Taken { holder: holder.unwrap_or_else(|| "unknown".to_owned()) })
}

async fn next_epoch(client: &Client) -> Result<i64, Problem> {
    // Locked as if to be deleted, which waits for the commits under way of whoever had the database before.
    let next = "WITH taken AS (SELECT id FROM engine FOR UPDATE) \
        UPDATE engine SET epoch = epoch + 1 FROM taken WHERE engine.id = taken.id RETURNING epoch";
    let next = client.query_one(next, &[]);
    match answer(next).await {
        Ok(row) => Ok(row.get(0)),
        Err(Refused::Problem(problem)) => Err(problem),
        Err(Refused::Taken { holder }) => Err(Problem::Other(holder)),
    }
}

async fn answer<T>(asked: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Refused> {
    match tokio::time::timeout(ANSWER_MAX, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Refused::Problem(Problem::Other(crate::store::error::with_causes(&error)))),
        Err(_) => Err(Refused::Problem(Problem::Silent)),
    }
}

//! PostgreSQL: how a database is reached, made its engine's own, and brought up to date.
//!
//! ```text
//!  open: connect ─► take the engine's lock ─► refuse what is newer ─► migrate ─► epoch + 1 ─► pools
//!                        │ held by another: refused, with its name
//!                        ▼
//!  keeper ── holds the lock's connection ── lost ──► connect again … lock again, epoch + 1 ──┐
//!     ▲                                                                                      │
//!     └──────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! **One engine per database.** It is said by an advisory lock of a session that lives as long as the engine, so a killed
//! engine's is free at once. Since the lock is taken before anything else, of two that start together one migrates, and a
//! newer version cannot migrate under a running older one. While the lock is lost no commit is let through; and should
//! another engine have taken the database meanwhile, each commit compares the *epoch* under a row lock, in its
//! transaction: nothing is ever written by an engine that is not the database's last.

mod connect;
mod keeper;
#[path = "../queries.rs"]
#[expect(clippy::duplicate_mod, reason = "one set of questions, compiled for each database: their types differ")]
pub(super) mod queries;
mod tls;

use std::time::Duration;

use diesel::{
    migration::{Migration, MigrationSource},
    pg::Pg,
    prelude::*,
};
use diesel_async::{
    AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::FutureExt;

use self::{
    connect::{Problem, Server},
    keeper::Keeper,
};
use super::{Purpose, ServerUrl, StoreError, schema::engine};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Commits under way at once. The server writes those that come together to its disk together.
const WRITERS: usize = 4;
const READERS: usize = 3;

/// How long a call waits for one of them.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The connection that the questions are asked over.
pub(super) type Connection = AsyncPgConnection;

/// The pools of one database.
#[derive(Clone)]
pub(super) struct Database {
    server: Server,
    writers: Pool<Connection>,
    readers: Pool<Connection>,
    keeper: Keeper,
}

impl Database {
    /// Reaches the database, takes it, and migrates it. Only on the store's own runtime, which the pools live on.
    pub(super) async fn open(url: &ServerUrl, purpose: Purpose) -> Result<Self, StoreError> {
        let server = Server::new(url.clone())?;
        let keeper = Keeper::take(&server).await?;
        let mut first = server.connect().await.map_err(|problem| unreachable(&server, &problem))?;
        let pending = check(&mut first, &server).await?;
        match purpose {
            Purpose::Serve => migrate(first, &server).await?,
            Purpose::Look if pending => return Err(StoreError::Older { database: server.name() }),
            Purpose::Look => {}
        }
        keeper.begin(&server, purpose).await?;
        Ok(Self { writers: pool(&server, WRITERS)?, readers: pool(&server, READERS)?, server, keeper })
    }

    /// What kind of server it is, for `doctor`. Takes nothing.
    pub(super) async fn describe(url: &ServerUrl) -> Result<String, StoreError> {
        let server = Server::new(url.clone())?;
        let mut connection = server.connect().await.map_err(|problem| unreachable(&server, &problem))?;
        check(&mut connection, &server).await?;
        let version = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("current_setting('server_version')"));
        let version: String = version.get_result(&mut connection).await?;
        let encrypted = if server.is_encrypted() { "encrypted" } else { "not encrypted" };
        Ok(format!("{}, PostgreSQL {version}, {encrypted}", server.name()))
    }

    pub(super) async fn writer(&self) -> Result<Object<Connection>, StoreError> {
        self.keeper.holds()?;
        self.lend(&self.writers).await
    }

    pub(super) async fn reader(&self) -> Result<Object<Connection>, StoreError> {
        self.lend(&self.readers).await
    }

    async fn lend(&self, pool: &Pool<Connection>) -> Result<Object<Connection>, StoreError> {
        let lent = tokio::time::timeout(WAIT_MAX, pool.get()).await;
        lent.map_err(|_| StoreError::silent(WAIT_MAX))?.map_err(|error| StoreError::unavailable(error.to_string()))
    }

    /// Which taking of the database this engine's commits belong to.
    pub(super) fn epoch(&self) -> i64 {
        self.keeper.epoch()
    }

    /// Throws a connection away that failed, and with it those that lie idle: after a restart of the server none is of use.
    pub(super) fn discard(&self, connection: Object<Connection>) {
        drop(Object::take(connection));
        self.writers.retain(|_, _| false);
        self.readers.retain(|_, _| false);
    }

    /// Waits for nobody: calls under way keep their connection, later ones are refused.
    pub(super) fn close(&self) {
        self.readers.close();
        self.writers.close();
        self.keeper.close();
    }

    pub(super) fn name(&self) -> String {
        self.server.name()
    }
}

/// Whether the database is still this engine's. Until the transaction ends, nobody can take it; its pulse is no taking.
async fn is_ours(connection: &mut Connection, epoch: i64) -> Result<bool, StoreError> {
    let current: i64 = engine::table.select(engine::epoch).for_key_share().get_result(connection).await?;
    Ok(current == epoch)
}

fn unreachable(server: &Server, problem: &Problem) -> StoreError {
    StoreError::Unreachable { database: server.name(), problem: problem.to_string() }
}

fn pool(server: &Server, size: usize) -> Result<Pool<Connection>, StoreError> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let reached = server.clone();
    config.custom_setup = Box::new(move |_| {
        let server = reached.clone();
        async move {
            let connection = server.connect().await;
            connection.map_err(|problem| diesel::ConnectionError::BadConnection(problem.to_string()))
        }
        .boxed()
    });
    // The address is in the closure; the manager would print the one it is given.
    let manager = AsyncDieselConnectionManager::new_with_config(server.name(), config);
    Pool::builder(manager).max_size(size).build().map_err(StoreError::unavailable)
}

/// Reads only: whether no newer version has written there. Answers whether migrations are to be made.
async fn check(connection: &mut Connection, server: &Server) -> Result<bool, StoreError> {
    use diesel::{dsl::sql, sql_types::Bool};

    diesel::table! {
        __diesel_schema_migrations (version) {
            version -> Text,
        }
    }
    let known = known_migrations(server)?;
    let migrated = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
    let migrated: bool = diesel::select(migrated).get_result(connection).await?;
    if !migrated {
        return Ok(true);
    }
    let applied = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version);
    let applied: Vec<String> = applied.load(connection).await?;
    match applied.iter().find(|version| !known.contains(version)) {
        Some(migration) => Err(StoreError::Newer { database: server.name(), migration: migration.clone() }),
        None => Ok(applied.len() < known.len()),
    }
}

fn known_migrations(server: &Server) -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<Pg>>> =
        MIGRATIONS.migrations().map_err(|source| StoreError::Migration { database: server.name(), source })?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

async fn migrate(connection: Connection, server: &Server) -> Result<(), StoreError> {
    let mut harness = AsyncMigrationHarness::new(connection);
    let migrated = harness.run_pending_migrations(MIGRATIONS).map(drop);
    migrated.map_err(|source| StoreError::Migration { database: server.name(), source })
}

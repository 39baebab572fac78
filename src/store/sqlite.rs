//! SQLite: how its file is opened, checked and brought up to date.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use diesel::{
    Connection as _, SqliteConnection,
    connection::SimpleConnection,
    migration::{Migration, MigrationSource},
    result::Error as DieselError,
    sqlite::Sqlite,
};
use diesel_async::{
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
    sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::{FutureExt, future::BoxFuture};

use super::StoreError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Connections that read beside the one that writes. One per core of a small machine.
const READERS: usize = 2;

/// How long a statement waits for another process (a backup, a `sqlite3` shell) that holds the file, in milliseconds.
const BUSY_MILLIS: u32 = 5000;

/// Files up to this size are checked whole at the start (some 0.1 s); of larger ones only what is read is checked.
const CHECKED_BYTES_MAX: u64 = 64 << 20;

/// WAL with NORMAL: a crash of the engine loses nothing; a power cut may lose the last commits, never a part of one.
const SETTINGS: &str = "\
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -1024; PRAGMA journal_size_limit = 16777216;";

/// A connection whose statements run where they are awaited.
///
/// The stock wrapper hands each statement to another thread, which costs more than the statement, and panics when its
/// future is dropped on one of actix's single-threaded runtimes. The store has threads of its own that may block.
pub(super) type Connection = SyncConnectionWrapper<SqliteConnection, Inline>;

pub(super) struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        std::future::ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// The writer and the readers of one file.
#[derive(Clone)]
pub(super) struct Database {
    writer: Pool<Connection>,
    readers: Pool<Connection>,
}

impl Database {
    /// Opens the file, refuses what this version cannot read before it changes anything, and migrates.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)
            .map_err(|error| StoreError::Open { path: path.to_owned(), source: error.into() })?;
        let mut first = connect(&path).map_err(|source| StoreError::Open { path: path.clone(), source })?;
        check(&mut first, &path)?;
        first.batch_execute(SETTINGS).map_err(|error| damaged_or(error, &path))?;
        first
            .run_pending_migrations(MIGRATIONS)
            .map_err(|source| StoreError::Migration { path: path.clone(), source })?;
        Ok(Self { writer: pool(&path, 1)?, readers: pool(&path, READERS)? })
    }

    pub(super) async fn writer(&self) -> Result<Object<Connection>, StoreError> {
        self.writer.get().await.map_err(StoreError::unavailable)
    }

    pub(super) async fn reader(&self) -> Result<Object<Connection>, StoreError> {
        self.readers.get().await.map_err(StoreError::unavailable)
    }

    /// Waits for nobody: calls under way keep their connection, later ones are refused.
    pub(super) fn close(&self) {
        self.readers.close();
        self.writer.close();
    }
}

fn pool(path: &Path, size: usize) -> Result<Pool<Connection>, StoreError> {
    let path = path.to_owned();
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let file = path.clone();
    config.custom_setup = Box::new(move |_| {
        let connection = connect(&file).and_then(|mut connection| {
            connection.batch_execute(SETTINGS)?;
            Ok(Connection::with_runtime(connection, Inline))
        });
        let connection = connection.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()));
        std::future::ready(connection).boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path.to_string_lossy(), config);
    let pool = Pool::builder(manager).max_size(size).build();
    pool.map_err(|error| StoreError::Open { path, source: error.into() })
}

fn connect(path: &Path) -> Result<SqliteConnection, Box<dyn Error + Send + Sync>> {
    let text = path.to_str().ok_or("its path is not UTF-8")?;
    let mut connection = SqliteConnection::establish(text)?;
    connection.batch_execute(&format!("PRAGMA busy_timeout = {BUSY_MILLIS};"))?;
    Ok(connection)
}

/// Reads only: whether the file is a sound database that no newer version has written to.
fn check(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    use diesel::{
        RunQueryDsl,
        dsl::sql,
        select,
        sql_types::{BigInt, Text},
    };

    let tables = sql::<BigInt>("(SELECT COUNT(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations')");
    let migrated: i64 = select(tables).get_result(connection).map_err(|error| damaged_or(error, path))?;
    if fs::metadata(path).is_ok_and(|file| file.len() <= CHECKED_BYTES_MAX) {
        let verdict: String = diesel::sql_query("PRAGMA quick_check(1)")
            .get_result::<Verdict>(connection)
            .map_err(|error| damaged_or(error, path))?
            .quick_check;
        if verdict != "ok" {
            return Err(StoreError::Damaged { path: path.to_owned(), reason: verdict });
        }
    }
    if migrated == 0 {
        return Ok(());
    }
    let known = known_migrations(path)?;
    let applied = sql::<Text>("SELECT version FROM __diesel_schema_migrations ORDER BY version");
    let applied: Vec<String> = applied.load(connection).map_err(|error| damaged_or(error, path))?;
    match applied.into_iter().find(|version| !known.contains(version)) {
        Some(migration) => Err(StoreError::Newer { path: path.to_owned(), migration }),
        None => Ok(()),
    }
}

#[derive(diesel::QueryableByName)]
struct Verdict {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

fn known_migrations(path: &Path) -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> =
        MIGRATIONS.migrations().map_err(|source| StoreError::Migration { path: path.to_owned(), source })?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// SQLite tells a damaged file only by its words.
fn damaged_or(error: DieselError, path: &Path) -> StoreError {
    let reason = error.to_string();
    let path = PathBuf::from(path);
    if reason.contains("not a database") || reason.contains("malformed") {
        StoreError::Damaged { path, reason }
    } else {
        StoreError::Open { path, source: error.into() }
    }
}

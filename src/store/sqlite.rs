//! SQLite: how its file is opened, checked and brought up to date.
//!
//! One engine per file, held by a lock beside it (`spawnai.db-lock`, with the holder's pid) for as long as the engine
//! lives: SQLite itself would let two in, by turns.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
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

#[path = "queries.rs"]
#[expect(clippy::duplicate_mod, reason = "one set of questions, compiled for each database: their types differ")]
pub(super) mod queries;

use super::{Purpose, StoreError, folder::Lock};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Connections that read beside the one that writes. One per core of a small machine.
const READERS: usize = 2;

/// How long a statement waits for another process (a backup, a `sqlite3` shell) that holds the file, in milliseconds.
const BUSY_MILLIS: u32 = 5000;

/// Files up to this size are checked whole at the start (some 0.1 s); of larger ones only what is read is checked.
const CHECKED_BYTES_MAX: u64 = 64 << 20;

/// WAL with NORMAL: a crash of the engine loses nothing; a power cut may lose the last commits, never a part of one.
/// The cache of 256 KiB holds what a commit touches; the rest of the file is in the system's own.
const SETTINGS: &str = "\
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -256; PRAGMA journal_size_limit = 16777216;";

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
    path: PathBuf,
    writer: Pool<Connection>,
    readers: Pool<Connection>,
    /// None once it is closed.
    lock: Arc<Mutex<Option<Lock>>>,
}

impl Database {
    /// Opens the file, refuses what this version cannot read before it changes anything, and migrates.
    pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)
            .map_err(|error| StoreError::Open { path: path.to_owned(), source: error.into() })?;
        if purpose == Purpose::Look && !path.exists() {
            let source = "there is none yet; the engine makes it at its first start".into();
            return Err(StoreError::Open { path, source });
        }
        let lock = lock(&path)?;
        let mut first = connect(&path).map_err(|source| StoreError::Open { path: path.clone(), source })?;
        let pending = check(&mut first, &path)?;
        match purpose {
            Purpose::Serve => {
                first.batch_execute(SETTINGS).map_err(|error| damaged_or(error, &path))?;
                let migrated = first.run_pending_migrations(MIGRATIONS).map(drop);
                migrated.map_err(|source| StoreError::Migration { database: shown(&path), source })?;
            }
            Purpose::Look if pending => return Err(StoreError::Older { database: shown(&path) }),
            Purpose::Look => {}
        }
        Ok(Self {
            writer: pool(&path, 1)?,
            readers: pool(&path, READERS)?,
            path,
            lock: Arc::new(Mutex::new(Some(lock))),
        })
    }

    /// What lies there, for `doctor`. Makes and takes nothing.
    pub(super) fn describe(path: &Path) -> Result<String, StoreError> {
        let Ok(file) = fs::metadata(path) else {
            return Ok(format!("{}, SQLite, made at the first start", path.display()));
        };
        let mut connection = connect(path).map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
        check(&mut connection, path)?;
        Ok(format!("{}, SQLite, {} KiB", path.display(), file.len() >> 10))
    }

    pub(super) async fn writer(&self) -> Result<Object<Connection>, StoreError> {
        self.writer.get().await.map_err(StoreError::unavailable)
    }

    pub(super) async fn reader(&self) -> Result<Object<Connection>, StoreError> {
        self.readers.get().await.map_err(StoreError::unavailable)
    }

    /// There is no epoch: the lock cannot be lost while its holder lives.
    #[expect(clippy::unused_self, reason = "as PostgreSQL's")]
    pub(super) const fn epoch(&self) -> i64 {
        0
    }

    /// Throws a connection away that failed: what it was in the middle of is rolled back with it.
    #[expect(clippy::unused_self, reason = "as PostgreSQL's")]
    pub(super) fn discard(&self, connection: Object<Connection>) {
        drop(Object::take(connection));
    }

    pub(super) fn name(&self) -> String {
        shown(&self.path)
    }

    /// Waits for nobody: calls under way keep their connection, later ones are refused.
    pub(super) fn close(&self) {
        self.readers.close();
        self.writer.close();
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// As PostgreSQL asks. Here the lock beside the file has answered.
async fn is_ours(_: &mut Connection, _: i64) -> Result<bool, StoreError> {
    Ok(true)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn lock(path: &Path) -> Result<Lock, StoreError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-lock");
    let taken = Lock::take(Path::new(&beside));
    match taken.map_err(|source| StoreError::Open { path: path.to_owned(), source: source.into() })? {
        Ok(lock) => Ok(lock),
        Err(holder) => Err(StoreError::Taken { database: shown(path), holder }),
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

/// Reads only: whether the file is a sound database that no newer version has written to. Answers whether migrations are
/// to be made.
fn check(connection: &mut SqliteConnection, path: &Path) -> Result<bool, StoreError> {
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
        return Ok(true);
    }
    let known = known_migrations(path)?;
    let applied = sql::<Text>("SELECT version FROM __diesel_schema_migrations ORDER BY version");
    let applied: Vec<String> = applied.load(connection).map_err(|error| damaged_or(error, path))?;
    match applied.iter().find(|version| !known.contains(version)) {
        Some(migration) => Err(StoreError::Newer { database: shown(path), migration: migration.clone() }),
        None => Ok(applied.len() < known.len()),
    }
}

#[derive(diesel::QueryableByName)]
struct Verdict {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

fn known_migrations(path: &Path) -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> =
        MIGRATIONS.migrations().map_err(|source| StoreError::Migration { database: shown(path), source })?;
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

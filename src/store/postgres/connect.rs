//! One connection, and why there is none: in words that say what to do, and never with the password.

use std::{io, sync::Arc, time::Duration};

use diesel_async::AsyncPgConnection;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket, config::SslMode, error::SqlState, tls::TlsStream};

use super::tls::Tls;
use crate::store::{ServerHost, ServerTls, ServerUrl, StoreError};

/// Connecting takes at most that long, its handshakes included.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A server that is gone without a word is noticed after some 30 seconds.
const KEEPALIVE: Duration = Duration::from_secs(10);
const KEEPALIVE_TRIES: u32 = 2;
/// The server ends a statement that takes longer, in milliseconds; so a stuck one holds no lock for ever.
const STATEMENT_MILLIS: u32 = 5000;
/// The same for waiting for a row that another transaction has locked.
const LOCK_MILLIS: u32 = 3000;
/// The same for a transaction whose engine does not go on.
const IDLE_MILLIS: u32 = 10_000;

/// How to reach one database.
#[derive(Clone)]
pub(super) struct Server(Arc<Shared>);

struct Shared {
    url: ServerUrl,
    config: Config,
    tls: Option<Tls>,
}

/// Why there is no connection. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("its host is not known: correct the name in DATABASE_URL, or see to the name service")]
    UnknownHost,
    #[error("nobody listens there: start PostgreSQL, or correct host and port in DATABASE_URL")]
    Refused,
    #[error("no answer within {} s: see whether the server runs, and whether a firewall is between", CONNECT_MAX.as_secs())]
    Silent,
    #[error("the server does not take this user and password: correct them in DATABASE_URL")]
    Password,
    #[error("the server wants a password, and DATABASE_URL has none")]
    NoPassword,
    #[error("the server has no such database: create it (createdb), or correct its name in DATABASE_URL")]
    NoDatabase,
    #[error("the server has no connection left for this user: raise max_connections, or end some")]
    Full,
    #[error("the server is starting up or going down: try again in a moment")]
    NotYet,
    #[error("the server offers no TLS: let it, or say sslmode=disable if the network between is yours")]
    NoTls,
    #[error(
        "the server's certificate is not accepted ({0}): name its authority with sslrootcert=/path, or say sslmode=require \
         to encrypt without knowing who answers"
    )]
    Certificate(String),
    #[error("{0}")]
    Other(String),
}

impl Server {
    /// # Errors
    /// When the file of certificate authorities cannot be used.
    pub(super) fn new(url: ServerUrl) -> Result<Self, StoreError> {
        let tls = Tls::new(&url.tls)
            .map_err(|error| StoreError::Unreachable { database: url.to_string(), problem: error.to_string() })?;
        let mut config = Config::new();
        match &url.host {
            ServerHost::Network(name) => config.host(name),
            ServerHost::Socket(folder) => config.host_path(folder),
        };
        config.port(url.port).user(&url.user).dbname(&url.database).application_name(me());
        if let Some(password) = &url.password {
            config.password(password.expose());
        }
        config.ssl_mode(match &url.tls {
            ServerTls::Disable => SslMode::Disable,
            ServerTls::Require | ServerTls::VerifyFull { .. } => SslMode::Require,
        });
        config
            .connect_timeout(CONNECT_MAX)
            .keepalives_idle(KEEPALIVE)
            .keepalives_interval(KEEPALIVE)
            .keepalives_retries(KEEPALIVE_TRIES);
        Ok(Self(Arc::new(Shared { url, config, tls })))
    }

    /// Its address without the password.
    pub(super) fn name(&self) -> String {
        self.0.url.to_string()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.0.tls.is_some()
    }

    /// A connection for statements.
    pub(super) async fn connect(&self) -> Result<AsyncPgConnection, Problem> {
        let opening = async {
            match self.0.tls.clone() {
                None => Self::settled(self.0.config.connect(NoTls).await.map_err(Failed::from)?).await,
                Some(tls) => Self::settled(self.0.config.connect(tls).await.map_err(Failed::from)?).await,
            }
        };
        self.within(opening).await
    }

    /// A bare connection, and the task that is over when it is.
    pub(super) async fn open(&self) -> Result<(Client, tokio::task::JoinHandle<()>), Problem> {
        let opening = async {
            match self.0.tls.clone() {
                None => Ok(Self::driven(self.0.config.connect(NoTls).await?)),
                Some(tls) => Ok(Self::driven(self.0.config.connect(tls).await?)),
            }
        };
        self.within(opening).await
    }

    async fn settled<T>((client, connection): (Client, Connection<Socket, T>)) -> Result<AsyncPgConnection, Failed>
    where
        T: TlsStream + Unpin + Send + 'static,
    {
        use diesel_async::SimpleAsyncConnection as _;

        let connection = AsyncPgConnection::try_from_client_and_connection(client, connection).await;
        let mut connection = connection.map_err(|error| Failed::Words(error.to_string()))?;
        let settings = format!(
            "SET statement_timeout = {STATEMENT_MILLIS}; SET lock_timeout = {LOCK_MILLIS}; \
             SET idle_in_transaction_session_timeout = {IDLE_MILLIS}; SET client_min_messages = warning"
        );
        connection.batch_execute(&settings).await.map_err(|error| Failed::Words(error.to_string()))?;
        Ok(connection)
    }

    fn driven<T>((client, connection): (Client, Connection<Socket, T>)) -> (Client, tokio::task::JoinHandle<()>)
    where
        T: TlsStream + Unpin + Send + 'static,
    {
        let task = tokio::spawn(async move {
            // Why it ended is seen by whoever asks next, who cannot.
            let _ = connection.await;
        });
        (client, task)
    }

    async fn within<T>(&self, opening: impl Future<Output = Result<T, Failed>>) -> Result<T, Problem> {
        match tokio::time::timeout(CONNECT_MAX, opening).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(Failed::Words(words))) => Err(Problem::Other(words)),
            Ok(Err(Failed::Client(error))) => Err(self.problem(&error).await),
            Err(_) => Err(Problem::Silent),
        }
    }

    async fn problem(&self, error: &tokio_postgres::Error) -> Problem {
        if let Some(known) = error.code().and_then(of_code) {
            return known;
        }
        if let Some(refusal) = error.as_db_error() {
            return Problem::Other(format!("the server refuses: {}", refusal.message()));
        }
        let words = crate::store::error::with_causes(error);
        let cause = std::error::Error::source(error);
        if let Some(io) = cause.and_then(|cause| cause.downcast_ref::<io::Error>()) {
            if let Some(rustls) = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return Problem::Certificate(rustls.to_string());
            }
            match io.kind() {
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => return Problem::Refused,
                io::ErrorKind::TimedOut => return Problem::Silent,
                _ => {}
            }
        }
        if let ServerHost::Network(name) = &self.0.url.host
            && tokio::net::lookup_host((name.as_str(), self.0.url.port)).await.is_err()
        {
            return Problem::UnknownHost;
        }
        // The client library tells these by their words only.
        match &words {
            words if words.contains("password missing") => Problem::NoPassword,
            words if words.contains("does not support TLS") => Problem::NoTls,
            words if words.contains("timed out") => Problem::Silent,
            words => Problem::Other(words.clone()),
        }
    }
}

enum Failed {
    Client(tokio_postgres::Error),
    Words(String),
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Client(error)
    }
}

fn of_code(code: &SqlState) -> Option<Problem> {
    [
        (SqlState::INVALID_PASSWORD, Problem::Password),
        (SqlState::INVALID_AUTHORIZATION_SPECIFICATION, Problem::Password),
        (SqlState::INVALID_CATALOG_NAME, Problem::NoDatabase),
        (SqlState::TOO_MANY_CONNECTIONS, Problem::Full),
        (SqlState::CANNOT_CONNECT_NOW, Problem::NotYet),
        (SqlState::ADMIN_SHUTDOWN, Problem::NotYet),
    ]
    .into_iter()
    .find_map(|(known, problem)| (known == *code).then_some(problem))
}

/// How this process is called in the server's list of connections; another engine's refusal quotes it.
fn me() -> String {
    const NAME_MAX: usize = 40;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String = host.chars().filter(char::is_ascii_graphic).take(NAME_MAX).collect();
    format!("spawnai pid {} on {host}", std::process::id())
}

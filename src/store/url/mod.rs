//! `DATABASE_URL`, checked where it enters the house.

mod server;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

pub use server::{ServerHost, ServerTls, ServerUrl};

/// Where the store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`; three slashes make the path absolute. The file is made when it is not there, its folder is not.
    Sqlite { path: PathBuf },
    /// `postgres://user:password@host:5432/database?sslmode=…`
    Postgres(Box<ServerUrl>),
}

/// Why a `DATABASE_URL` cannot be used. Never repeats the URL: it may hold a password.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DatabaseUrlError {
    #[error(
        "DATABASE_URL: a store in memory would forget every session at a restart: expected sqlite://path of a file"
    )]
    Memory,
    #[error("DATABASE_URL: expected sqlite://path without parameters")]
    Parameters,
    #[error("DATABASE_URL: expected sqlite://path or postgres://user:password@host:5432/database")]
    Unknown,
    #[error(
        "DATABASE_URL: this is no address of a PostgreSQL server: expected postgres://user:password@host:5432/database, \
         with characters like @ : / % of the password written as %40 %3A %2F %25"
    )]
    Malformed,
    #[error("DATABASE_URL names no {0}: expected postgres://user:password@host:5432/database")]
    Incomplete(&'static str),
    #[error("DATABASE_URL names several servers: expected one")]
    Several,
    #[error("DATABASE_URL has the unknown parameter {0:?}: expected sslmode, sslrootcert or host")]
    Parameter(String),
    #[error("DATABASE_URL: sslmode: expected disable, require or verify-full")]
    TlsMode,
    #[error("DATABASE_URL: sslrootcert names whom to trust, which goes with sslmode=verify-full only")]
    RootWithoutVerify,
}

impl DatabaseUrl {
    /// The database of an engine that was told of none: `spawnai.db` in the data folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::Sqlite { path: folder.join("spawnai.db") }
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Box::new(text.parse()?)));
        }
        let path = text.strip_prefix("sqlite://").ok_or(DatabaseUrlError::Unknown)?;
        match path {
            "" => Err(DatabaseUrlError::Unknown),
            ":memory:" => Err(DatabaseUrlError::Memory),
            path if path.contains(['?', '#', '\0']) => Err(DatabaseUrlError::Parameters),
            path => Ok(Self::Sqlite { path: path.into() }),
        }
    }
}

/// Without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(server) => server.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_and_everything_else_is_named() {
        let url: DatabaseUrl = "sqlite:///var/lib/spawnai.db".parse().unwrap();
        assert_eq!(url, DatabaseUrl::Sqlite { path: "/var/lib/spawnai.db".into() });
        assert_eq!(url.to_string().parse(), Ok(url));
        for (text, error) in [
            ("sqlite://:memory:", DatabaseUrlError::Memory),
            ("sqlite://a.db?mode=ro", DatabaseUrlError::Parameters),
            ("sqlite://", DatabaseUrlError::Unknown),
            ("mysql://u:secret@h", DatabaseUrlError::Unknown),
            ("", DatabaseUrlError::Unknown),
        ] {
            assert!(!error.to_string().contains("secret"));
            assert_eq!(text.parse::<DatabaseUrl>(), Err(error), "{text}");
        }
    }
}

//! `DATABASE_URL`, checked where it enters the house.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Where the store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`; three slashes make the path absolute. The file is made when it is not there, its folder is not.
    Sqlite { path: PathBuf },
}

/// Why a `DATABASE_URL` cannot be used. Never repeats the URL: it may hold a password.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DatabaseUrlError {
    #[error("DATABASE_URL: this version stores in SQLite only, not in PostgreSQL: expected sqlite://path")]
    Postgres,
    #[error(
        "DATABASE_URL: a store in memory would forget every session at a restart: expected sqlite://path of a file"
    )]
    Memory,
    #[error("DATABASE_URL: expected sqlite://path without parameters")]
    Parameters,
    #[error("DATABASE_URL: expected sqlite://path")]
    Unknown,
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
            return Err(DatabaseUrlError::Postgres);
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

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "sqlite://{}", path.display()),
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
            ("postgres://u:secret@h/db", DatabaseUrlError::Postgres),
            ("postgresql://h/db", DatabaseUrlError::Postgres),
            ("sqlite://:memory:", DatabaseUrlError::Memory),
            ("sqlite://a.db?mode=ro", DatabaseUrlError::Parameters),
            ("sqlite://", DatabaseUrlError::Unknown),
            ("mysql://h", DatabaseUrlError::Unknown),
            ("", DatabaseUrlError::Unknown),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(error), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}

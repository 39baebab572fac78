//! A PostgreSQL server's address.
//!
//! Read by hand and not by the client library, which knows neither `verify-full` nor which words of its errors are secret.
//!
//! | server | without `sslmode` |
//! |---|---|
//! | on this machine (loopback, a socket) | plain: nobody is between |
//! | elsewhere | `verify-full`: whoever does not want that must say so |

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::DatabaseUrlError;
use crate::types::Secret;

const PORT: u16 = 5432;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    pub host: ServerHost,
    pub port: u16,
    pub user: String,
    pub password: Option<Secret>,
    pub database: String,
    pub tls: ServerTls,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerHost {
    /// A name or an address.
    Network(String),
    /// The folder of its socket.
    Socket(PathBuf),
}

/// How far the network between is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerTls {
    /// Wholly.
    Disable,
    /// Nobody may listen; who answers is not looked at.
    Require,
    /// The server must have a certificate of its name from the public authorities, or from those in the file.
    VerifyFull { roots: Option<PathBuf> },
}

impl FromStr for ServerUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let url = Url::parse(text).map_err(|_| DatabaseUrlError::Malformed)?;
        if url.fragment().is_some() {
            // An unwritten # in a password ends up here, too.
            return Err(DatabaseUrlError::Malformed);
        }
        let user = decoded(url.username())?;
        if user.is_empty() {
            return Err(DatabaseUrlError::Incomplete("user"));
        }
        let password = url.password().map(decoded).transpose()?.map(Secret::new);
        let database = decoded(url.path().trim_start_matches('/'))?;
        if database.is_empty() || database.contains('/') {
            return Err(DatabaseUrlError::Incomplete("database"));
        }
        let Parameters { host, mode, roots } = Parameters::of(&url)?;
        let host = match host {
            Some(host) => host,
            None => network_host(&url)?,
        };
        let tls = tls(mode.as_deref(), roots, &host)?;
        Ok(Self { host, port: url.port().unwrap_or(PORT), user, password, database, tls })
    }
}

#[derive(Default)]
struct Parameters {
    host: Option<ServerHost>,
    mode: Option<String>,
    roots: Option<PathBuf>,
}

impl Parameters {
    fn of(url: &Url) -> Result<Self, DatabaseUrlError> {
        let mut found = Self::default();
        for (key, value) in url.query_pairs() {
            match &*key {
                "sslmode" => found.mode = Some(value.into_owned()),
                "sslrootcert" => found.roots = Some(value.into_owned().into()),
                "host" => found.host = Some(host_of(&value)?),
                _ => return Err(DatabaseUrlError::Parameter(key.into_owned())),
            }
        }
        Ok(found)
    }
}

fn network_host(url: &Url) -> Result<ServerHost, DatabaseUrlError> {
    match url.host() {
        Some(Host::Domain(name)) => host_of(&decoded(name)?),
        Some(Host::Ipv4(address)) => Ok(ServerHost::Network(address.to_string())),
        Some(Host::Ipv6(address)) => Ok(ServerHost::Network(address.to_string())),
        None => Err(DatabaseUrlError::Incomplete("host")),
    }
}

fn host_of(text: &str) -> Result<ServerHost, DatabaseUrlError> {
    match text {
        "" => Err(DatabaseUrlError::Incomplete("host")),
        text if text.contains(',') => Err(DatabaseUrlError::Several),
        text if text.starts_with('/') => Ok(ServerHost::Socket(text.into())),
        text => Ok(ServerHost::Network(text.to_owned())),
    }
}

fn tls(mode: Option<&str>, roots: Option<PathBuf>, host: &ServerHost) -> Result<ServerTls, DatabaseUrlError> {
    let chosen = match (mode, host) {
        (Some("disable"), _) | (None, ServerHost::Socket(_)) => ServerTls::Disable,
        (Some("require"), ServerHost::Network(_)) => ServerTls::Require,
        (Some("verify-full"), ServerHost::Network(_)) => return Ok(ServerTls::VerifyFull { roots }),
        // A socket cannot be encrypted, and asking for it is a mistake.
        (Some(_), _) => return Err(DatabaseUrlError::TlsMode),
        (None, ServerHost::Network(name)) if roots.is_none() && is_near(name) => ServerTls::Disable,
        (None, ServerHost::Network(_)) => return Ok(ServerTls::VerifyFull { roots }),
    };
    if roots.is_some() { Err(DatabaseUrlError::RootWithoutVerify) } else { Ok(chosen) }
}

fn is_near(name: &str) -> bool {
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn decoded(text: &str) -> Result<String, DatabaseUrlError> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| DatabaseUrlError::Malformed)?;
    if text.contains('\0') { Err(DatabaseUrlError::Malformed) } else { Ok(text.into_owned()) }
}

/// Without the password.
impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, user, database, .. } = self;
        match host {
            ServerHost::Network(name) if name.contains(':') => {
                write!(f, "postgres://{user}@[{name}]:{port}/{database}")
            }
            ServerHost::Network(name) => write!(f, "postgres://{user}@{name}:{port}/{database}"),
            ServerHost::Socket(folder) => write!(f, "postgres://{user}@{}:{port}/{database}", folder.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ServerUrl, DatabaseUrlError> {
        text.parse()
    }

    #[test]
    fn what_is_said_is_taken_and_the_password_is_not_shown() {
        let url = read("postgres://ann:p%40ss%2Fword@db.example.org/apps").unwrap();
        assert_eq!(url.host, ServerHost::Network("db.example.org".to_owned()));
        assert_eq!((url.port, url.user.as_str(), url.database.as_str()), (5432, "ann", "apps"));
        assert_eq!(url.password.as_ref().map(Secret::expose), Some("p@ss/word"));
        assert_eq!(url.tls, ServerTls::VerifyFull { roots: None });
        assert_eq!(url.to_string(), "postgres://ann@db.example.org:5432/apps");
        assert!(!format!("{url:?}").contains("ss/word"), "{url:?}");
        let url = read("postgresql://ann@[::1]:5433/apps").unwrap();
        assert_eq!((url.to_string().as_str(), url.tls), ("postgres://ann@[::1]:5433/apps", ServerTls::Disable));
    }

    #[test]
    fn a_socket_is_named_in_either_way() {
        for text in ["postgres://ann@%2Frun%2Fpg/apps", "postgres://ann@localhost/apps?host=/run/pg"] {
            let url = read(text).unwrap();
            assert_eq!((url.host, url.tls), (ServerHost::Socket("/run/pg".into()), ServerTls::Disable), "{text}");
        }
    }

    #[test]
    fn encryption_is_what_was_asked_for() {
        let tls = |query: &str| read(&format!("postgres://ann@db/apps{query}")).map(|url| url.tls);
        let roots = |path: &str| ServerTls::VerifyFull { roots: Some(path.into()) };
        assert_eq!(tls("?sslmode=disable"), Ok(ServerTls::Disable));
        assert_eq!(tls("?sslmode=require"), Ok(ServerTls::Require));
        assert_eq!(tls("?sslmode=verify-full&sslrootcert=/ca.pem"), Ok(roots("/ca.pem")));
        assert_eq!(tls("?sslrootcert=/ca.pem"), Ok(roots("/ca.pem")));
        assert_eq!(tls("?sslmode=prefer"), Err(DatabaseUrlError::TlsMode));
        assert_eq!(tls("?sslmode=require&sslrootcert=/ca.pem"), Err(DatabaseUrlError::RootWithoutVerify));
        assert_eq!(tls("?options=-c"), Err(DatabaseUrlError::Parameter("options".to_owned())));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, error) in [
            ("postgres://db/apps", DatabaseUrlError::Incomplete("user")),
            ("postgres://ann:secret@db", DatabaseUrlError::Incomplete("database")),
            ("postgres://ann:secret@/apps", DatabaseUrlError::Malformed),
            ("postgres:///apps", DatabaseUrlError::Incomplete("user")),
            ("postgres://ann:secret@a,b/apps", DatabaseUrlError::Several),
            ("postgres://ann:se#cret@db/apps", DatabaseUrlError::Malformed),
            ("postgres://ann:secret@db:port/apps", DatabaseUrlError::Malformed),
        ] {
            assert!(!error.to_string().contains("secret"));
            assert_eq!(read(text), Err(error), "{text}");
        }
    }
}

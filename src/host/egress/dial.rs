//! From a host and a port to a connection that the rules allow.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpStream, sync::watch, time::timeout};
use url::Host;

use super::{
    line::Line,
    rules::{Denied, Rules},
};

/// Longest wait for one address to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for all addresses of a name.
const CONNECT_ALL_TIMEOUT: Duration = Duration::from_secs(25);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    #[error("{host} is not connected to: {denied}")]
    Denied { host: String, denied: Denied },
    #[error("the address of {host} is not known")]
    Unresolved {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("{host} cannot be reached: {source}")]
    Unreachable {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("{host} does not answer")]
    Silent { host: String },
}

/// A connection, and what it takes to notice that the rules no longer allow it.
#[derive(Debug)]
pub struct Dialled {
    pub stream: TcpStream,
    pub licence: Licence,
}

/// The right to a connection, as long as the rules give it.
#[derive(Clone, Debug)]
pub struct Licence {
    line: Arc<Line>,
    rules: watch::Receiver<Arc<Rules>>,
    host: Host,
    address: IpAddr,
    own: bool,
}

impl Licence {
    /// Returns when the rules have changed and forbid the connection.
    pub async fn revoked(mut self) {
        // Ends with the sandbox at the latest, which owns the sender.
        while self.rules.changed().await.is_ok() {
            let rules = Arc::clone(&self.rules.borrow_and_update());
            if rules.decide(&self.line.exit.allow, &self.host, self.address, self.own).is_err() {
                return;
            }
        }
    }
}

/// Resolves `host`, keeps the addresses that the rules allow, and connects to the first that answers.
///
/// # Errors
/// See [`DialError`].
pub async fn dial(line: &Arc<Line>, host: &Host, port: u16) -> Result<Dialled, DialError> {
    let mut receiver = line.rules.clone();
    let rules = Arc::clone(&receiver.borrow_and_update());
    let denied = |denied| DialError::Denied { host: host.to_string(), denied };
    rules.decide_by_name(host).map_err(denied)?;
    let addresses = match host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) => line.resolve(name).await.map_err(|source| match source.kind() {
            io::ErrorKind::TimedOut => DialError::Silent { host: format!("the name server, asked for {host},") },
            _ => DialError::Unresolved { host: host.to_string(), source },
        })?,
    };
    let mut allowed = Vec::new();
    let mut refused = None;
    for address in addresses {
        let own = is_own(address);
        match rules.decide(&line.exit.allow, host, address, own) {
            Ok(()) => allowed.push((address, own)),
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    if let (Some(reason), true) = (refused, allowed.is_empty()) {
        return Err(denied(reason));
    }
    let connected = timeout(CONNECT_ALL_TIMEOUT, first_of(&allowed, port)).await;
    match connected {
        Ok(Ok((stream, address, own))) => {
            let licence = Licence { line: Arc::clone(line), rules: receiver, host: host.clone(), address, own };
            Ok(Dialled { stream, licence })
        }
        Ok(Err(source)) if source.kind() != io::ErrorKind::TimedOut => {
            Err(DialError::Unreachable { host: host.to_string(), source })
        }
        Ok(Err(_)) | Err(_) => Err(DialError::Silent { host: host.to_string() }),
    }
}

async fn first_of(addresses: &[(IpAddr, bool)], port: u16) -> io::Result<(TcpStream, IpAddr, bool)> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for (address, own) in addresses {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(SocketAddr::from((*address, port)))).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address, *own));
            }
            Ok(Err(err)) => last = err,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// Whether this machine has the address: the kernel would then answer from the address that it sends to. Nothing is
/// sent to find out.
fn is_own(address: IpAddr) -> bool {
    const ANY_PORT: u16 = 9;
    let unspecified: SocketAddr = match address {
        IpAddr::V4(_) => (std::net::Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let source = UdpSocket::bind(unspecified).and_then(|socket| {
        socket.connect((address, ANY_PORT))?;
        socket.local_addr()
    });
    source.is_ok_and(|source| source.ip() == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_knows_its_own_addresses() {
        assert!(is_own("127.0.0.1".parse().unwrap()));
        assert!(!is_own("192.0.2.1".parse().unwrap()));
    }
}

//! Opens the connection to wherever a sandbox's port is.
//!
//! One connection for each request: to a host on loopback it costs less than the bookkeeping of a pool would, and no
//! request can meet a connection that its host has just given up.

use std::{io, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::either::Either;

use crate::types::Upstream;

/// For name, connection and TLS handshake together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Connector {
    tls: TlsConnector,
}

pub(super) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

impl Connector {
    /// Trusts the public authorities, as a sandbox host that speaks TLS is out on the internet.
    ///
    /// # Errors
    /// When rustls does not take its own defaults.
    pub(super) fn new() -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    pub(super) async fn open(&self, upstream: &Upstream) -> io::Result<Stream> {
        timeout(CONNECT_TIMEOUT, self.open_unbounded(upstream)).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    async fn open_unbounded(&self, upstream: &Upstream) -> io::Result<Stream> {
        let tcp = TcpStream::connect(&upstream.address).await?;
        tcp.set_nodelay(true)?;
        if !upstream.tls {
            return Ok(Either::Left(tcp));
        }
        let name = upstream.address.rsplit_once(':').map_or(upstream.address.as_str(), |(name, _port)| name);
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        Ok(Either::Right(self.tls.connect(name, tcp).await?))
    }
}

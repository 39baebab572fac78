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
        Self::trusting(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    fn trusting(roots: RootCertStore) -> Result<Self, rustls::Error> {
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

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::{
        gateway::{Authority, Domain, certificates::Certificates, door::Door},
        types::Timestamp,
    };

    #[actix_web::test]
    async fn a_host_that_speaks_tls_must_be_who_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), &Domain::default(), Timestamp::now()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.path()).unwrap()).unwrap();
        let door = Door::new(Certificates::new(authority)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let upstream = Upstream { address, tls: true, host: "localhost".to_owned(), headers: Vec::new() };
        let host = async {
            let (mut trusted, ..) = door.clone().admit(listener.accept().await.unwrap().0).await.unwrap();
            trusted.write_all(b"hello").await.unwrap();
            trusted.shutdown().await.unwrap();
            let doubted = door.admit(listener.accept().await.unwrap().0).await;
            assert!(doubted.is_err(), "the gateway hangs up");
        };
        let gateway = async {
            let mut stream = Connector::trusting(roots).unwrap().open(&upstream).await.unwrap();
            let mut heard = String::new();
            stream.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "hello");
            let doubted = Connector::new().unwrap().open(&upstream).await.err().unwrap();
            assert!(doubted.to_string().contains("UnknownIssuer"), "{doubted}");
        };
        tokio::join!(host, gateway);
    }
}

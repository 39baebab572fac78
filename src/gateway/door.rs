//! From an accepted TCP connection to HTTP requests.
//!
//! ```text
//!   TcpStream ── first byte? ── TLS ──► which name? ──► handshake ──► Connection ──► actix-http ──► the service
//!                    │                      └ envd's: HTTP/1.1 only, others': HTTP/2 or 1.1
//!                    └───────── text ─► "this port speaks HTTPS", closed
//! ```
//!
//! A sandbox that is killed breaks off the streams of its programs, and whoever reads one must not take that for its
//! end. Over HTTP/2 a broken stream is reset as cancelled, which Node's client shows as an ordinary end; over HTTP/1.1 the
//! connection is cut, which nobody can mistake. So envd is not offered over HTTP/2.
//!
//! This stands where `HttpServer::bind_rustls` would, which has no word for those who speak plain text, and
//! `https://` is easily forgotten in front of a host name with a port.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_http::Protocol;
use rustls::{CipherSuite, ServerConfig, SupportedCipherSuite, crypto::ring, server::Acceptor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    address::{Address, Domain, host_name},
    certificates::Certificates,
};

/// For the first byte and the handshake together.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// What a connection may hold of an answer in TLS, in bytes: so much that what comes of an app at once leaves in one call.
/// rustls's own bound, four records, made a second, tiny packet of each call. A quiet connection holds nothing.
const SEALED_MAX: usize = 512 * 1024;
/// RFC 8446 §5.1: the first byte of a connection that begins with a handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// What is read of a request in plain text before it is answered, in bytes: enough for the head of most.
const PLAIN_MAX: usize = 8 * 1024;

const PLAIN_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n\
    content-length: 64\r\nconnection: close\r\n\r\n\
    This port speaks HTTPS: begin the address with https:// instead\n";

/// Lets visitors in.
#[derive(Clone)]
pub(super) struct Door {
    domain: Domain,
    /// For visitors of apps and of the control plane.
    multiplexed: Offer,
    /// For those who call envd.
    single: Offer,
}

/// The same terms, but for who chooses the cipher.
///
/// AES with 128 bits takes a sixth less time than with 256, at both ends, and no attack tells them apart; but most programs
/// name the latter first. Who names ChaCha20 before both has no instructions for AES, and knows better than we do.
#[derive(Clone)]
struct Offer {
    by_us: Arc<ServerConfig>,
    by_them: Arc<ServerConfig>,
}

impl Offer {
    fn new(by_us: ServerConfig) -> Self {
        let mut by_them = by_us.clone();
        by_them.ignore_client_order = false;
        Self { by_us: Arc::new(by_us), by_them: Arc::new(by_them) }
    }

    /// For a visitor who named these ciphers, in this order.
    fn to(self, ciphers: &[CipherSuite]) -> Arc<ServerConfig> {
        match ciphers.iter().find(|cipher| is_of_tls13(**cipher)) {
            Some(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256) | None => self.by_them,
            Some(_) => self.by_us,
        }
    }
}

fn is_of_tls13(cipher: CipherSuite) -> bool {
    ring::ALL_CIPHER_SUITES
        .iter()
        .any(|known| matches!(known, SupportedCipherSuite::Tls13(known) if known.common.suite == cipher))
}

/// A visitor's connection.
pub(super) type Connection = TlsStream<TcpStream>;

/// The server name indication of a connection, as a host name: what it was opened for.
#[derive(Clone)]
pub(super) struct ServerName(pub(super) Option<String>);

impl ServerName {
    pub(super) fn of(connection: &Connection) -> Self {
        Self(connection.get_ref().1.server_name().map(host_name))
    }
}

/// Why nobody came in. Nothing that we could do anything about, so nothing that is logged louder than a trace.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("no handshake in time")]
    Slow,
    #[error("plain text on a TLS port")]
    PlainText,
    #[error("the handshake failed")]
    Handshake(#[from] io::Error),
    #[error("the connection failed")]
    Http(actix_http::error::DispatchError),
}

impl Door {
    /// # Errors
    /// When rustls does not take its own defaults.
    pub(super) fn new(certificates: Certificates) -> Result<Self, rustls::Error> {
        let domain = certificates.domain().clone();
        let mut provider = ring::default_provider();
        // The sort is stable: what comes after it keeps its order.
        provider.cipher_suites.sort_by_key(|cipher| cipher.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
        let mut multiplexed = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        multiplexed.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A visitor who comes back resumes, without a signature and without a place in our memory.
        multiplexed.ticketer = ring::Ticketer::new()?;
        multiplexed.ignore_client_order = true;
        let mut single = multiplexed.clone();
        single.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { domain, multiplexed: Offer::new(multiplexed), single: Offer::new(single) })
    }

    pub(super) async fn admit(self, tcp: TcpStream) -> Result<(Connection, Protocol, Option<SocketAddr>), Refused> {
        timeout(HANDSHAKE_TIMEOUT, self.admit_unbounded(tcp)).await.map_err(|_| Refused::Slow)?
    }

    async fn admit_unbounded(self, mut tcp: TcpStream) -> Result<(Connection, Protocol, Option<SocketAddr>), Refused> {
        let peer = tcp.peer_addr().ok();
        tcp.set_nodelay(true)?;
        let mut first = [0];
        if tcp.peek(&mut first).await? == 1 && first[0] != TLS_HANDSHAKE {
            explain_plain_text(&mut tcp, first[0]).await?;
            return Err(Refused::PlainText);
        }
        let hello = LazyConfigAcceptor::new(Acceptor::default(), tcp).await?;
        let name = hello.client_hello().server_name().map(host_name).unwrap_or_default();
        let offer = if Address::of(&name, &self.domain).is_envd() { self.single } else { self.multiplexed };
        let config = offer.to(hello.client_hello().cipher_suites());
        let mut tls = hello.into_stream(config).await?;
        let (_, session) = tls.get_mut();
        session.set_buffer_limit(Some(SEALED_MAX));
        let protocol = match session.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            Some(_) | None => Protocol::Http1,
        };
        Ok((tls, protocol, peer))
    }
}

/// Methods are letters; what begins otherwise is no HTTP, and would not understand the answer.
async fn explain_plain_text(tcp: &mut TcpStream, first: u8) -> io::Result<()> {
    if first.is_ascii_uppercase() {
        // Closing on unread bytes would reset the connection and take the answer with it.
        let _ = tcp.read(&mut [0; PLAIN_MAX]).await?;
        tcp.write_all(PLAIN_ANSWER).await?;
    }
    tcp.shutdown().await
}

#[cfg(test)]
mod tests {
    use rustls::{
        ClientConfig, ProtocolVersion, RootCertStore,
        pki_types::{CertificateDer, pem::PemObject},
        version::{TLS12, TLS13},
    };
    use tokio::net::TcpListener;
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::{gateway::Authority, types::Timestamp};

    #[actix_web::test]
    async fn the_cipher_is_the_fastest_unless_the_visitor_has_no_aes() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), &Domain::default(), Timestamp::now()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.path()).unwrap()).unwrap();
        let door = Door::new(Certificates::new(authority)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (aes128, aes256, chacha) = (
            ring::cipher_suite::TLS13_AES_128_GCM_SHA256,
            ring::cipher_suite::TLS13_AES_256_GCM_SHA384,
            ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        );
        let old = ring::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
        for (named, chosen) in [
            (vec![aes256, aes128, chacha], aes128),
            (vec![old, aes256, chacha, aes128], aes128),
            (vec![aes256, chacha], aes256),
            (vec![chacha, aes128, aes256], chacha),
            (vec![old], old),
        ] {
            let provider = rustls::crypto::CryptoProvider { cipher_suites: named.clone(), ..ring::default_provider() };
            let versions: &[_] = match (named.contains(&old), named.len()) {
                (true, 1) => &[&TLS12],
                (true, _) => &[&TLS13, &TLS12],
                (false, _) => &[&TLS13],
            };
            let visitor = ClientConfig::builder_with_provider(Arc::new(provider))
                .with_protocol_versions(versions)
                .unwrap()
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            let served = async { door.clone().admit(listener.accept().await.unwrap().0).await.unwrap() };
            let connected = async {
                let tcp = TcpStream::connect(address).await.unwrap();
                TlsConnector::from(Arc::new(visitor)).connect("localhost".try_into().unwrap(), tcp).await.unwrap()
            };
            let (_served, connected) = tokio::join!(served, connected);
            let session = connected.get_ref().1;
            assert_eq!(session.negotiated_cipher_suite(), Some(chosen), "{named:?}");
            assert_eq!(session.protocol_version() == Some(ProtocolVersion::TLSv1_2), chosen == old, "{named:?}");
        }
    }

    #[test]
    fn the_answer_in_plain_text_has_the_length_it_says() {
        let text = std::str::from_utf8(PLAIN_ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}

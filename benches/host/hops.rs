//! The least that a proxy in this process can be: one thread that hands an app's bytes on, as they are or in TLS.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// Fits into a core's second cache together with its copies.
const PIECE: usize = 64 * 1024;

/// Where a hop to `app` listens, as long as this process lives.
pub fn plain(app: SocketAddr) -> SocketAddr {
    serve(move |mut visitor| relay(app, &mut visitor))
}

/// The same in TLS, and how a visitor trusts it by the name `localhost`.
pub fn in_tls(app: SocketAddr) -> (SocketAddr, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.der().clone(), made.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a root");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
    let mut provider = rustls::crypto::ring::default_provider();
    // As the gateway chooses.
    provider.cipher_suites.retain(|cipher| cipher.suite() == rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("the versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key");
    let config = Arc::new(config);
    let address = serve(move |visitor| {
        let mut session = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        session.set_buffer_limit(None);
        let mut tls = StreamOwned::new(session, visitor);
        relay(app, &mut tls)?;
        tls.conn.send_close_notify();
        tls.flush()
    });
    (address, Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

/// A request of one piece there, and everything that comes back.
fn relay(app: SocketAddr, visitor: &mut (impl Read + Write)) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    let request = visitor.read(&mut piece)?;
    let mut app = TcpStream::connect(app)?;
    app.write_all(&piece[..request])?;
    loop {
        match app.read(&mut piece)? {
            0 => return Ok(()),
            length => visitor.write_all(&piece[..length])?,
        }
    }
}

fn serve(visit: impl Fn(TcpStream) -> io::Result<()> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for visitor in listener.incoming() {
            visitor.and_then(&visit).expect("a visitor is served");
        }
    });
    address
}

//! A visitor of an app: a new TLS connection through the gateway, and one request over it.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, pem::PemObject},
};

/// What visitors bring with them. Every visit is a full handshake: nothing is resumed.
pub struct Visitor {
    tls: Arc<ClientConfig>,
}

impl Visitor {
    /// One that trusts the engine's authority.
    pub fn trusting(authority: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority).expect("the engine's authority")).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("rustls takes its own defaults")
            .with_root_certificates(roots);
        let mut tls = config.with_no_client_auth();
        tls.resumption = rustls::client::Resumption::disabled();
        Self { tls: Arc::new(tls) }
    }

    /// `GET address`, where `address` is `https://name:port/path`: the status, and the bytes of head and body.
    pub fn get(&self, address: &str) -> (u16, u64) {
        let rest = address.strip_prefix("https://").expect("an address of the gateway");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (name, port) = authority.split_once(':').expect("an address with a port");
        // As browsers do, and resolvers need not: whatever is under `localhost` is this machine.
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().expect("a port"))).expect("the gateway");
        tcp.set_nodelay(true).expect("a socket's option");
        let name = name.to_owned().try_into().expect("a host name");
        let session = ClientConnection::new(Arc::clone(&self.tls), name).expect("a TLS client");
        let mut stream = StreamOwned::new(session, tcp);
        let request = format!("GET /{path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the gateway takes the request");
        let mut head = [0; 12];
        stream.read_exact(&mut head).expect("an answer");
        let status = std::str::from_utf8(&head[9..]).ok().and_then(|status| status.parse().ok());
        let rest = io::copy(&mut stream, &mut io::sink()).expect("the rest of the answer");
        (status.expect("a status line"), rest + head.len() as u64)
    }
}

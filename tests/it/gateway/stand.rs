//! A gateway on a free port, what it needs around it, and visitors who trust it.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, rt, web};
use futures_util::StreamExt;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use spawnai::{
    gateway::{Authority, Config, Domain, Gateway},
    routes::{Route, Routes},
    types::{Addressing, Port, Timestamp},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

pub struct Stand {
    pub gateway: Gateway,
    pub routes: Routes,
    root: RootCertStore,
    _folder: tempfile::TempDir,
}

pub type Visitor = TlsStream<TcpStream>;

impl Stand {
    /// A gateway in front of the sandbox host at `host`, with one app: `live-1` is port 3000 of sandbox `i1`.
    pub fn before(host: SocketAddr) -> Self {
        Self::with(host, |_| {})
    }

    pub fn with(host: SocketAddr, change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), &Domain::default(), Timestamp::now()).unwrap();
        let mut root = RootCertStore::empty();
        root.add(CertificateDer::from_pem_file(folder.path().join("ca.pem")).unwrap()).unwrap();
        let routes = Routes::default();
        let live = Route::Live { sandbox: "i1".parse().unwrap(), port: Port::new(3000).unwrap() };
        routes.set("live-1".parse().unwrap(), live);
        let mut config = Config::new(Addressing::Headers { address: host.to_string() });
        config.listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        config.workers = 1;
        change(&mut config);
        let gateway = Gateway::start(config, routes.clone(), authority).unwrap();
        Self { gateway, routes, root, _folder: folder }
    }

    pub fn tls(&self, alpn: &[&str]) -> Arc<ClientConfig> {
        let mut config = ClientConfig::builder().with_root_certificates(self.root.clone()).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    /// A TLS connection that was opened for `name`.
    pub async fn connect(&self, name: &str, alpn: &[&str]) -> std::io::Result<Visitor> {
        let tcp = TcpStream::connect(self.gateway.address()).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(self.tls(alpn)).connect(name, tcp).await
    }

    /// Sends `request` (its blank line is added) to `name` over HTTP/1.1 and returns all that comes back.
    pub async fn ask(&self, name: &str, request: &str) -> String {
        let mut visitor = self.connect(name, &["http/1.1"]).await.unwrap();
        visitor.write_all(format!("{request}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        read_all(&mut visitor).await
    }

    pub async fn get(&self, host: &str) -> String {
        self.ask(host, &format!("GET / HTTP/1.1\r\nHost: {host}:8443")).await
    }
}

pub async fn read_until<S: tokio::io::AsyncRead + Unpin>(stream: &mut S, end: &str) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_ne!(stream.read(&mut byte).await.unwrap(), 0, "ended after {:?}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap()
}

pub async fn read_all<S: tokio::io::AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut seen = Vec::new();
    // A peer that closes TCP without TLS's own goodbye has still said all that it had to say.
    let _ = stream.read_to_end(&mut seen).await;
    String::from_utf8(seen).unwrap()
}

/// A sandbox host that takes one connection and does with it what the test says.
pub async fn scripted_host<F, R>(script: F) -> (SocketAddr, rt::task::JoinHandle<R::Output>)
where
    F: FnOnce(TcpStream) -> R + 'static,
    R: Future + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, rt::spawn(async move { script(listener.accept().await.unwrap().0).await }))
}

/// An address where nobody listens.
pub async fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// A sandbox host with an app behind it that tells what reached it.
pub fn web_host() -> (SocketAddr, ServerHandle) {
    let server = HttpServer::new(|| {
        App::new()
            .route("/sink", web::post().to(sink))
            .route("/source/{megabytes}", web::get().to(source))
            .route("/{status}/{mark}", web::get().to(marked))
            .default_service(web::to(told))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (address, handle)
}

/// The request's head, a line for each header, sorted.
async fn told(request: HttpRequest) -> HttpResponse {
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("(not text)")))
        .collect();
    lines.sort();
    HttpResponse::Ok().body(format!("{} {}\n{}\n", request.method(), request.uri(), lines.join("\n")))
}

/// An answer of the host's own, or, marked `app`, one of the app.
async fn marked(path: web::Path<(u16, String)>) -> HttpResponse {
    let (status, mark) = path.into_inner();
    let mut response = HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap());
    if mark != "app" {
        response.insert_header(("x-spawnai-host", mark.as_str()));
    }
    response.body(format!("raw {mark}"))
}

async fn sink(mut payload: web::Payload) -> HttpResponse {
    let mut hash = blake3::Hasher::new();
    while let Some(chunk) = payload.next().await {
        hash.update(&chunk.unwrap());
    }
    HttpResponse::Ok().body(hash.finalize().to_string())
}

async fn source(megabytes: web::Path<u64>) -> HttpResponse {
    HttpResponse::Ok().streaming(pattern(megabytes.into_inner()).map(Ok::<_, actix_web::Error>))
}

/// So many MiB, no two chunks of them alike.
pub fn pattern(megabytes: u64) -> impl futures_util::Stream<Item = web::Bytes> {
    futures_util::stream::iter((0..megabytes * 16).map(|n| {
        let line: Vec<u8> = n.to_le_bytes().iter().chain(&[b'.'; 56]).copied().collect();
        web::Bytes::from(line.repeat(64 * 1024 / 64))
    }))
}

pub async fn hash_of(megabytes: u64) -> String {
    let mut hash = blake3::Hasher::new();
    let mut chunks = std::pin::pin!(pattern(megabytes));
    while let Some(chunk) = chunks.next().await {
        hash.update(&chunk);
    }
    hash.finalize().to_string()
}

/// Long enough that only a test that would hang meets it.
pub const PATIENCE: Duration = Duration::from_secs(30);

//! A package registry for npm and pip on loopback, over TLS, with one tiny package.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Cursor, Write},
    net::{SocketAddr, TcpListener},
    process::Command,
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

pub const NAME: &str = "registry.test";

pub struct Registry {
    pub address: SocketAddr,
    /// Its certificate, in PEM.
    pub certificate: String,
}

impl Registry {
    /// Serves for as long as the test runs.
    pub fn start() -> Self {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (config, pages) = (Arc::new(config), Arc::new(pages(address.port())));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, pages) = (Arc::clone(&config), Arc::clone(&pages));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(config).unwrap();
                    let mut stream = StreamOwned::new(connection, stream);
                    // A client that gives up, or does not trust us, is the client's affair.
                    let _ = serve(&mut stream, &pages);
                });
            }
        });
        Self { address, certificate: made.cert.pem() }
    }

    pub fn url(&self) -> String {
        format!("https://{NAME}:{}", self.address.port())
    }
}

type Pages = HashMap<String, (&'static str, Vec<u8>)>;

fn serve(stream: &mut StreamOwned<ServerConnection, std::net::TcpStream>, pages: &Pages) -> std::io::Result<()> {
    let mut lines = BufReader::new(&mut *stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, (kind, body)) = match pages.get(path) {
        Some(page) => ("200 OK", page.clone()),
        None => ("404 Not Found", ("text/plain", b"no such page".to_vec())),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn pages(port: u16) -> Pages {
    let (tarball, wheel) = (tarball(), wheel());
    let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA512, &tarball));
    let metadata = serde_json::json!({
        "name": "tiny-package",
        "dist-tags": {"latest": "1.0.0"},
        "versions": {"1.0.0": {
            "name": "tiny-package",
            "version": "1.0.0",
            "dist": {
                "tarball": format!("https://{NAME}:{port}/tiny-package/-/tiny-package-1.0.0.tgz"),
                "integrity": format!("sha512-{digest}"),
            },
        }},
    });
    let index = "<!DOCTYPE html><a href=\"/wheels/tiny_package-1.0.0-py3-none-any.whl\">tiny_package-1.0.0-py3-none-any.whl</a>";
    HashMap::from([
        ("/tiny-package".to_owned(), ("application/json", metadata.to_string().into_bytes())),
        ("/tiny-package/-/tiny-package-1.0.0.tgz".to_owned(), ("application/octet-stream", tarball)),
        ("/simple/tiny-package/".to_owned(), ("text/html", index.as_bytes().to_vec())),
        ("/wheels/tiny_package-1.0.0-py3-none-any.whl".to_owned(), ("application/octet-stream", wheel)),
    ])
}

fn tarball() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("package");
    std::fs::create_dir(&package).unwrap();
    std::fs::write(package.join("package.json"), r#"{"name":"tiny-package","version":"1.0.0"}"#).unwrap();
    std::fs::write(package.join("index.js"), "module.exports = 'tiny from npm'\n").unwrap();
    let packed = Command::new("tar").arg("-C").arg(folder.path()).args(["-czf", "-", "package"]).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");
    packed.stdout
}

fn wheel() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in [
        ("tiny_package.py", "WHAT = 'tiny from pip'\n"),
        ("tiny_package-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-package\nVersion: 1.0.0\n"),
        (
            "tiny_package-1.0.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        ("tiny_package-1.0.0.dist-info/RECORD", ""),
    ] {
        archive.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

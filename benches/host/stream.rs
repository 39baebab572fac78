//! A byte stream of an app: raw over loopback, through the least that a proxy can be, through the host, and through the
//! gateway.
//!
//! ```text
//!   raw      app ─────────────────────────────► visitor
//!   hop      app ──► a thread that copies ────► visitor     one more pass through the kernel
//!   TLS      app ──► a thread that encrypts ──► visitor     and the cipher, at both ends
//!   host     app in a sandbox ──► host ───────► visitor     HTTP, without TLS
//!   gateway  app in a sandbox ──► gateway ────► visitor     HTTP, in TLS
//! ```
//! The middle ones tell what of the distance between raw and gateway is TLS's own, whoever does it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use spawnai::{
    app::shortcut,
    gateway::{Authority, Config, Domain, Gateway},
    host::Host,
    routes::Routes,
    types::{Addressing, Timestamp},
};

use super::{
    client::Client,
    figures::{median, verdict},
    hops, poll, reader,
};
use crate::row;

const BYTES: u64 = 512 << 20;
const TURNS: usize = 7;
const RATIO_MIN: f64 = 0.5;

/// Writes from its memory, as apps do and as `iperf3` does. (With `sendfile` the kernel would spare the raw stream a copy,
/// and only that one.)
const SERVER: &str = "
import socket, sys, threading
size = int(sys.argv[2])
piece = memoryview(bytes(1 << 20))
def serve(peer):
    request = b''
    while b'\\r\\n\\r\\n' not in request:
        more = peer.recv(65536)
        if not more: return
        request += more
    peer.sendall(b'HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n' % size)
    for _ in range(size // len(piece)):
        peer.sendall(piece)
    peer.close()
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
";

/// Throughput in bytes per second of the ways, in the order of the table.
pub fn stream(host: &Host, client: &mut Client, folder: &Path) -> Vec<Vec<String>> {
    let gateway = Front::start(host, &folder.join("authority"));
    let address = host.address();
    let script = folder.join("stream.py");
    fs::write(&script, SERVER).expect("a file");
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr()).expect("a port").port();
    let mut bare = Command::new("python3");
    bare.arg(&script).arg(port.to_string()).arg(BYTES.to_string()).stdin(Stdio::null());
    let mut bare = bare.spawn().expect("python3");
    let bare_address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    poll(|| TcpStream::connect(bare_address).ok());
    let (hop, (tls_hop, trust)) = (hops::plain(bare_address), hops::in_tls(bare_address));

    let sandbox = client.create();
    client.write(&sandbox, "/home/user/stream.py", SERVER.as_bytes());
    let running = client.start(&sandbox, "python3", &["/home/user/stream.py", "3000", &BYTES.to_string()]);
    poll(|| client.get(&sandbox, 3000).filter(|status| *status == 200));

    let [mut raw, mut copied, mut encrypted, mut plain, mut tls] = [const { Vec::new() }; 5];
    for _ in 0..TURNS {
        raw.push(throughput("localhost", "", |request| reader::plain(connect(bare_address), request)));
        copied.push(throughput("localhost", "", |request| reader::plain(connect(hop), request)));
        encrypted.push(throughput("localhost", "", |request| {
            reader::in_tls(connect(tls_hop), &trust, "localhost", request)
        }));
        let headers = format!("e2b-sandbox-id: {}\r\ne2b-sandbox-port: 3000\r\n", sandbox.id);
        plain.push(throughput("localhost", &headers, |request| reader::plain(connect(address), request)));
        let name = format!("3000-{}.localhost", sandbox.id);
        tls.push(throughput(&name, "", |request| {
            reader::in_tls(connect(gateway.address), &gateway.tls, &name, request)
        }));
    }
    client.renew();
    client.kill(&sandbox);
    running.until_over();
    bare.kill().and_then(|()| bare.wait()).expect("the server ends");
    let [raw, copied, encrypted, plain, tls] = [raw, copied, encrypted, plain, tls].map(|turns| median(&turns));
    let speed = |value: f64| format!("{:.2} GB/s", value / 1e9);
    vec![
        row!["a byte stream: raw loopback", speed(raw), "", ""],
        row!["… through a thread that copies", speed(copied), format!("{:.2} of raw", copied / raw), ""],
        row!["… through a thread that encrypts", speed(encrypted), format!("{:.2} of raw", encrypted / raw), ""],
        row!["… through the host", speed(plain), format!("{:.2} of raw", plain / raw), ""],
        row![
            "… through the gateway, in TLS",
            speed(tls),
            format!("{:.2} of raw, ≥ {RATIO_MIN}", tls / raw),
            verdict(tls / raw >= RATIO_MIN)
        ],
    ]
}

/// Bytes per second of an answer's body, from the request to its end.
fn throughput(host: &str, headers: &str, ask: impl FnOnce(&str) -> u64) -> f64 {
    let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\n\r\n");
    let begun = Instant::now();
    let total = ask(&request);
    let lasted = begun.elapsed().as_secs_f64();
    assert!(total > BYTES, "only {total} bytes came");
    BYTES as f64 / lasted
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a server");
    stream.set_nodelay(true).expect("a socket's option");
    stream
}

/// A gateway in front of the host, on a thread of its own until the process ends.
struct Front {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
}

impl Front {
    fn start(host: &Host, folder: &Path) -> Self {
        // Whoever installed one before installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        fs::create_dir_all(folder).expect("a folder");
        let authority = Authority::open(folder, &Domain::default(), Timestamp::now()).expect("an authority");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.path()).expect("its certificate")).expect("a certificate");
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            listen,
            shortcut: Some(shortcut(host)),
            ..Config::new(Addressing::Headers { address: host.address().to_string() })
        };
        let (up, started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let gateway = Gateway::start(config, Routes::default(), authority).expect("a gateway");
                up.send(gateway.address()).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        Self { address: started.recv().expect("a gateway"), tls: Arc::new(tls) }
    }
}

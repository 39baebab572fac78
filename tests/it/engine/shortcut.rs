//! An app's visitor goes straight into its sandbox when its host is in the gateway's process, and must not be able to tell.
//!
//! ```text
//!   near   the gateway of `spawnai host` ───────────────────► app
//!   far    a gateway of this test's ──HTTP──► the same host ─► app
//! ```

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use actix_web::rt;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::{Value, json};

use super::{
    host::{Host, started},
    stand::eventually,
};
use crate::{
    gateway::stand::Stand,
    wire::{self, Answer, Body, Reader},
};

/// Answers as its path says.
const APP: &str = r#"exec node -e '
const http = require("http");
const server = http.createServer((request, answer) => {
    const [, what] = request.url.split("/");
    if (what === "echo") return request.pipe(answer);
    if (what === "break") return request.socket.destroy();
    if (what === "garbage") return request.socket.end("SSH-2.0-OpenSSH\r\n\r\n");
    if (what === "short") { answer.writeHead(200, {"content-length": 9}); answer.write("abc"); return setTimeout(() => request.socket.destroy(), 10); }
    if (what === "own502") { answer.writeHead(502, {"x-spawnai-host": "port-closed", "set-cookie": "a=1; Domain=localhost"}); return answer.end("mine"); }
    if (what === "none") { answer.writeHead(304, {"etag": "x", "content-length": 7}); return answer.end(); }
    if (what === "drip") { answer.write("first\n"); return; }
    if (what === "flood") { const piece = Buffer.alloc(65536, 46); let left = 64; const more = () => { while (left-- > 0) if (!answer.write(piece)) return answer.once("drain", more); answer.end(); }; return more(); }
    const headers = request.rawHeaders.flatMap((name, n, all) => n % 2 ? [] : [`${name}: ${all[n + 1]}`]);
    answer.end(JSON.stringify([request.method, request.url, headers.sort()]));
});
server.on("upgrade", (request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    socket.pipe(socket);
});
server.listen(3000, () => console.log("up"));'"#;

/// One of the two ways: a gateway's address, and the trust in it.
struct Way {
    name: &'static str,
    address: SocketAddr,
    tls: Arc<ClientConfig>,
}

impl Way {
    fn connect(&self, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let name = name.to_owned().try_into().unwrap();
        StreamOwned::new(ClientConnection::new(Arc::clone(&self.tls), name).unwrap(), wire::connect(self.address))
    }

    fn send(&self, label: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reader {
        let name = format!("{label}.localhost");
        // The same port whichever gateway it is: apps are told it.
        wire::send_over(Box::new(self.connect(&name)), &format!("{name}:8443"), method, path, headers, body)
    }

    fn ask(&self, label: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        wire::answer(self.send(label, method, path, headers, body))
    }
}

/// What an answer says, but for what differs from one request to the next.
fn told(answer: &Answer) -> (u16, Vec<String>, String) {
    let own = ["date: ", "x-request-id: "];
    let mut headers: Vec<_> =
        answer.headers.lines().filter(|line| !own.iter().any(|own| line.starts_with(own))).collect();
    headers.sort_unstable();
    let id = answer.header("x-request-id").unwrap_or("none").to_owned();
    let text = answer.text().replace(&id, "ID").replace(&id.to_ascii_uppercase(), "ID");
    (answer.status, headers.into_iter().map(str::to_owned).collect(), text)
}

/// A host with a gateway of its own, and another gateway before it; and what visits them.
async fn by_both_ways(visit: impl FnOnce(&Host, &[Way; 2]) + Send + 'static) {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path());
    let plain: SocketAddr = plain(&host);
    let stand = Stand::before(plain);
    let near = Way {
        name: "near",
        address: format!("127.0.0.1:{}", host.variable("E2B_DOMAIN").split(':').nth(1).unwrap()).parse().unwrap(),
        tls: host.trust(),
    };
    let far = Way { name: "far", address: stand.gateway.address(), tls: stand.tls(&["http/1.1"]) };
    rt::task::spawn_blocking(move || visit(&host, &[near, far])).await.unwrap();
    stand.gateway.shutdown().await;
}

fn plain(host: &Host) -> SocketAddr {
    host.variable("E2B_SANDBOX_URL").strip_prefix("http://").unwrap().parse().unwrap()
}

fn control(host: &Host, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("X-API-Key", host.variable("E2B_API_KEY")), ("Content-Type", "application/json")];
    wire::call(plain(host), method, path, &headers, body.to_string().as_bytes())
}

/// A sandbox in which [`APP`] listens on port 3000; its output holds it.
fn with_app(host: &Host, asked: &Value) -> (String, Value, Body) {
    let created = control(host, "POST", "/v2/sandboxes", asked);
    assert_eq!(created.status, 201, "{}", created.text());
    let created = created.json();
    let id = created["sandboxID"].as_str().unwrap().to_owned();
    let mut output = host.start_in(&id, created["envdAccessToken"].as_str().unwrap(), APP);
    started(&mut output);
    (id, created, output)
}

fn alike(ways: &[Way; 2], what: &str, ask: impl Fn(&Way) -> Answer) -> Answer {
    let [near, far] = ways.each_ref().map(&ask);
    assert_eq!(told(&near), told(&far), "{what}");
    near
}

const PAGE: &[(&str, &str)] = &[("Accept", "text/html")];

#[actix_web::test]
async fn an_app_answers_alike_by_both_ways() {
    by_both_ways(|host, ways| {
        let (id, _, _output) = with_app(host, &json!({"templateID": "base"}));
        let app = format!("3000-{id}");
        let steering = [
            ("E2b-Sandbox-Id", "other"),
            ("E2b-Sandbox-Port", "49983"),
            ("X-Access-Token", "t"),
            ("X-API-Key", "k"),
            ("E2b-Traffic-Access-Token", "t"),
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Spawnai-Host", "x"),
            ("Connection", "X-Hop"),
            ("X-Hop", "1"),
            ("Cookie", "a=1"),
            ("X-Kept", "1"),
        ];
        let seen = alike(ways, "steering", |way| way.ask(&app, "GET", "/head?x=%20y&z", &steering, b"")).text();
        // The case of a header's name means nothing.
        let seen = seen.to_ascii_lowercase();
        for shown in ["host: localhost:3000", "x-forwarded-proto: https", "x-kept: 1", "/head?x=%20y&z"] {
            assert!(seen.contains(shown), "{shown}: {seen}");
        }
        for hidden in ["e2b-", "x-access-token", "x-api-key", "1.2.3.4", "x-spawnai", "x-hop"] {
            assert!(!seen.contains(hidden), "{hidden}: {seen}");
        }
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            let answer = alike(ways, method, |way| way.ask(&app, method, "/", &[], b""));
            assert_eq!(answer.status, 200, "{method}");
        }
        let body = vec![b'x'; 300_000];
        assert_eq!(alike(ways, "echo", |way| way.ask(&app, "POST", "/echo", &[], &body)).body, body);
        assert_eq!(alike(ways, "flood", |way| way.ask(&app, "GET", "/flood", &[], b"")).body.len(), 64 * 65536);
        for (path, status) in [("/own502", 502), ("/none", 304), ("/break", 502), ("/garbage", 502), ("/short", 200)] {
            for accept in [&[], PAGE] {
                let answer = alike(ways, path, |way| way.ask(&app, "GET", path, accept, b""));
                assert_eq!(answer.status, status, "{path} {}", answer.text());
            }
        }
        let half = [("Upgrade", "websocket")];
        assert_eq!(alike(ways, "half a handshake", |way| way.ask(&app, "GET", "/", &half, b"")).status, 400);
        for way in ways {
            let mut socket = way.connect(&format!("{app}.localhost"));
            let handshake = format!(
                "GET /ws HTTP/1.1\r\nHost: {app}.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            );
            socket.write_all(handshake.as_bytes()).unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte).unwrap();
                seen.push(byte[0]);
            }
            assert!(seen.starts_with(b"HTTP/1.1 101"), "{}: {}", way.name, String::from_utf8_lossy(&seen));
            socket.write_all(b"there and back").unwrap();
            let mut echo = [0; 14];
            socket.read_exact(&mut echo).unwrap();
            assert_eq!(&echo, b"there and back", "{}", way.name);
        }
    })
    .await;
}

#[actix_web::test]
async fn who_is_not_let_in_hears_the_same_by_both_ways() {
    by_both_ways(|host, ways| {
        let private = json!({"templateID": "base", "network": {"allowPublicTraffic": false}});
        let (id, created, _private) = with_app(host, &private);
        let (app, token) = (format!("3000-{id}"), created["trafficAccessToken"].as_str().unwrap().to_owned());
        for accept in [&[], PAGE] {
            assert_eq!(alike(ways, "no token", |way| way.ask(&app, "GET", "/", accept, b"")).status, 403);
        }
        let shown = [("E2b-Traffic-Access-Token", token.as_str())];
        assert_eq!(alike(ways, "token", |way| way.ask(&app, "GET", "/", &shown, b"")).status, 200);

        let masked = json!({"templateID": "base", "network": {"maskRequestHost": "a.example:${PORT}"}});
        let (id, _, _masked) = with_app(host, &masked);
        let seen = alike(ways, "masked", |way| way.ask(&format!("3000-{id}"), "GET", "/", &[], b"")).text();
        assert!(seen.contains("a.example:3000") && !seen.contains("localhost:3000"), "{seen}");

        let (closed, envd) = (format!("3001-{id}"), format!("49983-{id}"));
        let nobody = "3000-i00000000000000000000".to_owned();
        for (label, status) in [(&closed, 502), (&envd, 401), (&nobody, 502)] {
            for accept in [&[], PAGE] {
                let ask = |way: &Way| way.ask(label, "GET", "/files?path=/etc/hostname", accept, b"");
                assert_eq!(alike(ways, label, ask).status, status, "{label}");
            }
        }
        assert_eq!(control(host, "POST", &format!("/sandboxes/{id}/pause"), &json!({})).status, 204);
        for accept in [&[], PAGE] {
            let answer = alike(ways, "paused", |way| way.ask(&format!("3000-{id}"), "GET", "/", accept, b""));
            assert_eq!(answer.status, 502, "{}", answer.text());
        }
        assert_eq!(control(host, "DELETE", &format!("/sandboxes/{id}"), &json!({})).status, 204);
        assert_eq!(alike(ways, "gone", |way| way.ask(&format!("3000-{id}"), "GET", "/", &[], b"")).status, 502);

        let wakes = json!({"templateID": "base", "autoPause": true, "autoResume": {"enabled": true}});
        let (id, _, _wakes) = with_app(host, &wakes);
        let woken = alike(ways, "woken", |way| {
            assert_eq!(control(host, "POST", &format!("/sandboxes/{id}/pause"), &json!({})).status, 204);
            way.ask(&format!("3000-{id}"), "GET", "/", &[], b"")
        });
        assert_eq!(woken.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_stream_needs_no_second_connection_is_counted_and_ends_with_its_sandbox() {
    by_both_ways(|host, ways| {
        for (end, method) in [("pause", "POST"), ("", "DELETE")] {
            for way in ways {
                let (id, _, _output) = with_app(host, &json!({"templateID": "base"}));
                let mut reader = way.send(&format!("3000-{id}"), "GET", "/drip", &[], b"");
                let (status, headers) = wire::read_head(&mut reader);
                assert_eq!(status, 200);
                let mut body = Body::of(reader, &headers);
                assert_eq!(body.line().as_deref(), Some("first"), "{}", way.name);
                // One that the program's output comes over.
                let expected = 1 + usize::from(way.name == "far");
                eventually("as many connections to the host's port as the way needs", || {
                    (connections(plain(host)) == expected).then_some(())
                });
                let path = format!("/sandboxes/{id}/{end}");
                assert_eq!(control(host, method, path.trim_end_matches('/'), &json!({})).status, 204);
                assert_eq!(body.line(), None, "{} {method}: cut off", way.name);
            }
        }
        let (id, _, _output) = with_app(host, &json!({"templateID": "base"}));
        let [near, far] = ways.each_ref().map(|way| {
            let sent = || {
                let detail = control(host, "GET", &format!("/sandboxes/{id}"), &json!({})).json();
                detail["usage"]["sentBytes"].as_u64().unwrap()
            };
            let before = sent();
            assert_eq!(way.ask(&format!("3000-{id}"), "GET", "/flood", &[], b"").status, 200);
            sent() - before
        });
        assert!(near > 64 * 65536 && near.abs_diff(far) < 64 * 1024, "{near} and {far}");
    })
    .await;
}

/// Open connections to `address` on this machine.
fn connections(address: SocketAddr) -> usize {
    const ESTABLISHED: &str = "01";
    let port = format!(":{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1).is_some_and(|local| local.ends_with(&port)) && row.get(3) == Some(&ESTABLISHED))
        .count()
}

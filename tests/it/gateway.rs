//! The gateway as visitors meet it: real TLS, real HTTP/1.1 and HTTP/2, and a real server as the sandbox host.

pub mod stand;

use std::time::Duration;

use actix_web::rt;
use futures_util::{SinkExt, StreamExt};
use spawnai::{
    gateway::{Authority, Config, Domain, Gateway, GatewayError},
    routes::{Route, Routes},
    types::{Addressing, Timestamp},
};
use stand::{PATIENCE, Stand, hash_of, nowhere, pattern, read_all, read_until, scripted_host, web_host};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

fn error_code(answer: &str) -> String {
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON in {answer}"));
    json["error"]["code"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn every_address_leads_to_its_app_or_says_why_not() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    stand.routes.set("new-1".parse().unwrap(), Route::Starting { step: "writing" });
    stand.routes.set("old-1".parse().unwrap(), Route::Ended { reason: "Its time was up.".to_owned() });

    let live = stand.get("live-1.localhost").await;
    assert!(live.starts_with("HTTP/1.1 200"), "{live}");
    assert!(live.contains("\ne2b-sandbox-id: i1\ne2b-sandbox-port: 3000\n"), "{live}");
    assert!(stand.get("LIVE-1.LocalHost").await.starts_with("HTTP/1.1 200"));
    let named = stand.get("49983-i2.localhost").await;
    assert!(named.contains("\ne2b-sandbox-id: i2\ne2b-sandbox-port: 49983\n"), "{named}");

    let new = stand.get("new-1.localhost").await;
    assert!(new.starts_with("HTTP/1.1 503") && new.contains("retry-after: 1\r\n") && new.contains("writing"), "{new}");
    let old = stand.get("old-1.localhost").await;
    assert!(old.starts_with("HTTP/1.1 410") && old.contains("Its time was up."), "{old}");
    let unknown = stand.get("live-2.localhost").await;
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
    assert_eq!(error_code(&unknown), "unknown_app");
    let front = stand.get("localhost").await;
    assert!(front.starts_with("HTTP/1.1 404"), "{front}");
    assert_eq!(error_code(&front), "not_an_app_address");

    stand.routes.remove(&"live-1".parse().unwrap());
    assert!(stand.get("live-1.localhost").await.starts_with("HTTP/1.1 404"), "a route is read for every request");
}

#[actix_web::test]
async fn what_a_visitor_claims_about_the_way_does_not_reach_the_app() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let claims = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: http\r\nForwarded: for=6.6.6.6\r\n\
        X-Real-IP: 6.6.6.6\r\nE2b-Sandbox-Id: stolen\r\nE2b-Sandbox-Port: 22\r\nE2b-Traffic-Access-Token: t\r\nX-Spawnai-Key: k\r\n\
        Connection: X-Hop\r\nX-Hop: 1\r\nAuthorization: Bearer app\r\nCookie: a=1";
    let request = |name: &str| format!("GET /path?q=%20 HTTP/1.1\r\nHost: {name}:8443\r\n{claims}");
    let told = stand.ask("live-1.localhost", &request("live-1.localhost")).await;
    let body = told.split_once("\r\n\r\n").unwrap().1;
    let expected = format!(
        "GET /path?q=%20\nauthorization: Bearer app\ncookie: a=1\ne2b-sandbox-id: i1\ne2b-sandbox-port: 3000\nhost: {host}\n\
         x-forwarded-for: 127.0.0.1\nx-forwarded-host: live-1.localhost:8443\nx-forwarded-proto: https\n"
    );
    assert_eq!(body, expected);
    let named = stand.ask("49983-i1.localhost", &request("49983-i1.localhost")).await;
    assert!(named.contains("e2b-sandbox-id: i1\n") && !named.contains("stolen"), "{named}");
    assert!(named.contains("e2b-traffic-access-token: t\n"), "the E2B protocol's own token: {named}");
}

#[actix_web::test]
async fn the_hosts_own_502_is_a_page_and_the_apps_own_is_the_apps() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let get = async |name: &str, path: &str, accept: &str| {
        stand.ask(name, &format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nAccept: {accept}")).await
    };
    let gone = get("live-1.localhost", "/502/sandbox-not-found", "*/*").await;
    assert!(gone.starts_with("HTTP/1.1 502"), "{gone}");
    assert_eq!(error_code(&gone), "sandbox_not_found");
    let closed = get("live-1.localhost", "/502/port-closed", "text/html").await;
    assert!(closed.contains("<!doctype html>") && closed.contains("port 3000"), "{closed}");
    for (path, status) in [("/502/app", "502"), ("/200/sandbox-not-found", "200")] {
        let apps = get("live-1.localhost", path, "text/html").await;
        assert!(apps.starts_with(&format!("HTTP/1.1 {status}")) && apps.contains("raw "), "{apps}");
        assert!(!apps.contains("x-spawnai-host"), "{apps}");
    }
    let sdk = get("49983-i1.localhost", "/502/sandbox-not-found", "*/*").await;
    assert!(sdk.ends_with("raw sandbox-not-found") && !sdk.contains("x-spawnai-host"), "{sdk}");
    let browser = get("49983-i1.localhost", "/502/sandbox-not-found", "text/html").await;
    assert!(browser.contains("<!doctype html>"), "{browser}");
}

#[actix_web::test]
async fn a_host_or_app_that_is_silent_is_told_from_one_that_is_not_there() {
    let stand = Stand::before(nowhere().await);
    let unreachable = stand.get("live-1.localhost").await;
    assert!(unreachable.starts_with("HTTP/1.1 502"), "{unreachable}");
    assert_eq!(error_code(&unreachable), "sandbox_host_unreachable");

    let (host, _script) = scripted_host(|mut app| async move { read_all(&mut app).await }).await;
    let stand = Stand::with(host, |config| config.answer_timeout = Duration::from_millis(1));
    let late = stand.get("live-1.localhost").await;
    assert!(late.starts_with("HTTP/1.1 504"), "{late}");
    assert_eq!(error_code(&late), "app_timeout");

    let (host, _script) = scripted_host(|mut app| async move { read_until(&mut app, "\r\n\r\n").await }).await;
    assert_eq!(error_code(&Stand::before(host).get("live-1.localhost").await), "app_not_answering");
}

#[actix_web::test]
async fn a_connection_serves_only_the_name_that_it_was_opened_for() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let other = stand.ask("live-2.localhost", "GET / HTTP/1.1\r\nHost: live-1.localhost").await;
    assert!(other.starts_with("HTTP/1.1 421"), "{other}");
    // Who names nobody in the handshake can only have gone by address, and is believed.
    let nobody = stand.ask("127.0.0.1", "GET / HTTP/1.1\r\nHost: live-1.localhost").await;
    assert!(nobody.starts_with("HTTP/1.1 200"), "{nobody}");
    let address = stand.ask("127.0.0.1", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8443").await;
    assert_eq!(error_code(&address), "not_an_app_address");
    assert!(stand.connect("example.com", &[]).await.is_err(), "no certificate for a foreign name");
    let claimed = "GET / HTTP/1.1\r\nHost: live-2.localhost\r\nX-Forwarded-Host: live-1.localhost";
    assert_eq!(error_code(&stand.ask("live-2.localhost", claimed).await), "unknown_app");
}

#[actix_web::test]
async fn bytes_flow_both_ways_before_either_side_ends() {
    let (go_on, seen) = oneshot::channel::<()>();
    let (host, script) = scripted_host(|mut app| async move {
        let head = read_until(&mut app, "\r\n\r\n").await;
        assert!(head.to_ascii_lowercase().contains("transfer-encoding: chunked"), "{head}");
        read_until(&mut app, "one").await;
        app.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nuno\r\n").await.unwrap();
        read_until(&mut app, "two\r\n0\r\n\r\n").await;
        seen.await.unwrap();
        app.write_all(b"3\r\ndos\r\n0\r\n\r\n").await.unwrap();
    })
    .await;
    let stand = Stand::before(host);
    let mut visitor = stand.connect("live-1.localhost", &["http/1.1"]).await.unwrap();
    let head = b"POST / HTTP/1.1\r\nHost: live-1.localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";
    visitor.write_all(head).await.unwrap();
    read_until(&mut visitor, "uno\r\n").await;
    visitor.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
    go_on.send(()).unwrap();
    read_until(&mut visitor, "3\r\ndos\r\n0\r\n\r\n").await;
    script.await.unwrap();
}

#[actix_web::test]
async fn a_websocket_goes_through_unchanged() {
    let (host, script) = scripted_host(|tcp| async move {
        let mut socket = tokio_tungstenite::accept_async(tcp).await.unwrap();
        // Ends with the visitor's goodbye.
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() || message.is_binary() {
                socket.send(message).await.unwrap();
            }
        }
    })
    .await;
    let stand = Stand::before(host);
    let visitor = stand.connect("live-1.localhost", &["http/1.1"]).await.unwrap();
    let (mut socket, response) = tokio_tungstenite::client_async("wss://live-1.localhost/chat", visitor).await.unwrap();
    assert_eq!(response.status(), 101);
    for message in [Message::text("hello"), Message::binary(vec![7; 300_000]), Message::text("")] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    timeout(PATIENCE, script).await.unwrap().unwrap();
}

#[actix_web::test]
async fn http2_is_spoken_to_visitors() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let mut client = h2_client(&stand, "live-1.localhost").await;
    let get = http2_request("GET", "live-1.localhost", "/a?b=c");
    let told = h2_text(client.send_request(get, true).unwrap().0).await;
    assert!(told.starts_with("GET /a?b=c\n") && told.contains("\ncookie: a=1; b=2\n"), "{told}");
    assert!(!told.contains("transfer-encoding") && !told.contains("content-length"), "a GET has no body: {told}");
    assert!(told.contains("\nx-forwarded-host: live-1.localhost:8443\n"), "{told}");

    let post = http2_request("POST", "live-1.localhost", "/sink");
    let (answer, mut upload) = client.send_request(post, false).unwrap();
    upload.send_data("hello".into(), true).unwrap();
    assert_eq!(h2_text(answer).await, blake3::hash(b"hello").to_string());

    let other = http2_request("GET", "live-2.localhost", "/");
    let other = client.send_request(other, true).unwrap().0.await.unwrap();
    assert_eq!(other.status(), 421, "HTTP/2 reuses connections: this one must be refused");
}

#[actix_web::test]
async fn a_stream_of_envd_that_breaks_off_takes_its_connection_along() {
    const STREAM: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n";
    let (host, _script) = scripted_host(|mut envd| async move {
        read_until(&mut envd, "\r\n\r\n").await;
        envd.write_all(STREAM).await.unwrap();
    })
    .await;
    let stand = Stand::before(host);
    let protocol = async |name: &str| {
        let visitor = stand.connect(name, &["h2", "http/1.1"]).await.unwrap();
        visitor.get_ref().1.alpn_protocol().map(<[u8]>::to_vec)
    };
    assert_eq!(protocol("live-1.localhost").await.as_deref(), Some(&b"h2"[..]));
    assert_eq!(protocol("3000-i1.localhost").await.as_deref(), Some(&b"h2"[..]));
    assert_eq!(protocol("49983-i1.localhost").await.as_deref(), Some(&b"http/1.1"[..]));
    let mut visitor = stand.connect("49983-i1.localhost", &["h2", "http/1.1"]).await.unwrap();
    visitor.write_all(b"GET / HTTP/1.1\r\nHost: 49983-i1.localhost\r\n\r\n").await.unwrap();
    let seen = timeout(PATIENCE, read_all(&mut visitor)).await.unwrap();
    assert!(seen.ends_with("one\r\n"), "the end of the body must be missing: {seen}");
}

#[actix_web::test]
async fn a_visitor_who_leaves_frees_the_way_to_the_app() {
    const EVENTS: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: hi\n\n";
    let ways = ["http/1.1", "http/1.1 before the answer", "h2 connection", "h2 stream", "h2 stream before the answer"];
    for leave in ways {
        let answer = if leave.ends_with("before the answer") { b"" } else { EVENTS };
        let (asked, is_asked) = oneshot::channel::<()>();
        let (host, script) = scripted_host(move |mut app| async move {
            read_until(&mut app, "\r\n\r\n").await;
            app.write_all(answer).await.unwrap();
            asked.send(()).unwrap();
            app.read(&mut [0]).await.unwrap()
        })
        .await;
        let stand = Stand::before(host);
        // What is still there at the end has not left.
        let mut still_there = None;
        if leave.starts_with("http/1.1") {
            let mut visitor = stand.connect("live-1.localhost", &["http/1.1"]).await.unwrap();
            visitor.write_all(b"GET / HTTP/1.1\r\nHost: live-1.localhost\r\n\r\n").await.unwrap();
            is_asked.await.unwrap();
            if !answer.is_empty() {
                read_until(&mut visitor, ": hi\n\n").await;
            }
        } else {
            let visitor = stand.connect("live-1.localhost", &["h2"]).await.unwrap();
            let (mut client, connection) = h2::client::handshake(visitor).await.unwrap();
            let connection = rt::spawn(connection);
            let (response, mut stream) =
                client.send_request(http2_request("GET", "live-1.localhost", "/"), true).unwrap();
            is_asked.await.unwrap();
            if !answer.is_empty() {
                let mut response = response.await.unwrap();
                assert_eq!(response.body_mut().data().await.unwrap().unwrap(), ": hi\n\n");
            }
            if leave == "h2 connection" {
                connection.abort();
            } else {
                stream.send_reset(h2::Reason::CANCEL);
                still_there = Some((client, connection));
            }
        }
        let end = timeout(PATIENCE, script).await.unwrap_or_else(|_| panic!("{leave}: the app's connection stays"));
        assert_eq!(end.unwrap(), 0, "{leave}");
        drop(still_there);
    }
}

#[actix_web::test]
async fn a_hundred_megabytes_arrive_as_they_were_sent() {
    const MEGABYTES: u64 = 100;
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let expected = hash_of(MEGABYTES).await;
    for (version, alpn) in [(http_02::Version::HTTP_11, "http/1.1"), (http_02::Version::HTTP_2, "h2")] {
        let connector = awc::Connector::new().rustls_0_23(stand.tls(&[alpn]));
        let client = awc::Client::builder().connector(connector).timeout(PATIENCE).finish();
        let at = |path: &str| format!("https://live-1.localhost:{}{path}", stand.gateway.address().port());

        let upload = client.post(at("/sink")).address(stand.gateway.address());
        let upload = upload.send_stream(pattern(MEGABYTES).map(Ok::<_, actix_web::Error>));
        let mut upload = upload.await.unwrap();
        assert_eq!(upload.version(), version);
        assert_eq!(upload.body().await.unwrap(), expected.as_bytes(), "{version:?} up");

        let download = client.get(at(&format!("/source/{MEGABYTES}"))).address(stand.gateway.address());
        let mut download = download.send().await.unwrap();
        let mut hash = blake3::Hasher::new();
        while let Some(chunk) = download.next().await {
            hash.update(&chunk.unwrap());
        }
        assert_eq!(hash.finalize().to_string(), expected, "{version:?} down");
    }
}

#[actix_web::test]
async fn requests_in_flight_are_bounded() {
    let (host, _script) = scripted_host(|mut app| async move {
        read_until(&mut app, "\r\n\r\n").await;
        app.write_all(b"HTTP/1.1 200 OK\r\n\r\nhi").await.unwrap();
        read_all(&mut app).await
    })
    .await;
    let stand = Stand::with(host, |config| config.connections_max = 1);
    let mut client = h2_client(&stand, "live-1.localhost").await;
    let first = client.send_request(http2_request("GET", "live-1.localhost", "/"), true).unwrap().0.await.unwrap();
    assert_eq!(first.status(), 200);
    let second = client.send_request(http2_request("GET", "live-1.localhost", "/"), true).unwrap().0.await.unwrap();
    assert_eq!((second.status().as_u16(), second.headers()["retry-after"].to_str().unwrap()), (503, "1"));
}

#[actix_web::test]
async fn what_is_no_request_gets_a_clear_answer() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let mut plain = TcpStream::connect(stand.gateway.address()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: live-1.localhost\r\n\r\n").await.unwrap();
    let answer = read_all(&mut plain).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("https://"), "{answer}");

    let head = format!("GET / HTTP/1.1\r\nHost: live-1.localhost\r\nX-Big: {}", "x".repeat(70_000));
    let large = stand.ask("live-1.localhost", &head).await;
    assert!(large.starts_with("HTTP/1.1 431"), "{large}");
    let half = stand.ask("live-1.localhost", "POST / HTTP/1.1\r\nHost: live-1.localhost\r\nUpgrade: websocket").await;
    assert!(half.starts_with("HTTP/1.1 400"), "{half}");
    assert_eq!(error_code(&half), "bad_request");
}

#[actix_web::test]
async fn a_taken_port_says_which_setting_to_change() {
    let (host, _server) = web_host();
    let stand = Stand::before(host);
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), &Domain::default(), Timestamp::now()).unwrap();
    let mut config = Config::new(Addressing::Headers { address: host.to_string() });
    config.listen = stand.gateway.address();
    let error = Gateway::start(config, Routes::default(), authority).err().unwrap();
    assert!(matches!(error, GatewayError::Taken(address) if address == stand.gateway.address()));
    assert!(error.to_string().contains("SPAWNAI_GATEWAY_LISTEN"), "{error}");

    let address = stand.gateway.address();
    timeout(PATIENCE, stand.gateway.shutdown()).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens after a shutdown");
}

async fn h2_client(stand: &Stand, name: &str) -> h2::client::SendRequest<bytes::Bytes> {
    let visitor = stand.connect(name, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(visitor.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (client, connection) = h2::client::handshake(visitor).await.unwrap();
    rt::spawn(connection);
    client
}

fn http2_request(method: &str, host: &str, path: &str) -> http_02::Request<()> {
    http_02::Request::builder()
        .method(method)
        .uri(format!("https://{host}:8443{path}"))
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .body(())
        .unwrap()
}

async fn h2_text(answer: h2::client::ResponseFuture) -> String {
    let mut body = answer.await.unwrap().into_body();
    let mut text = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.unwrap();
        body.flow_control().release_capacity(chunk.len()).unwrap();
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).unwrap()
}

//! The relay between a real actix-web server and a real socket; what goes over both is spelled out byte by byte.

use std::{future::Future, net::SocketAddr};

use actix_web::{App, HttpServer, dev::ServerHandle};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::*;

/// A next hop that takes one connection and does with it what the test says.
async fn next_hop<F, R>(script: F) -> (SocketAddr, rt::task::JoinHandle<R::Output>)
where
    F: FnOnce(TcpStream) -> R + 'static,
    R: Future + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, rt::spawn(async move { script(listener.accept().await.unwrap().0).await }))
}

/// A visitor's connection to a server that relays everything to `next`; an error is answered by its name.
async fn visit(next: SocketAddr, timeout: Duration) -> (TcpStream, ServerHandle) {
    let relay = move |request: HttpRequest, payload: web::Payload| async move {
        let io = TcpStream::connect(next).await.unwrap();
        let head = Head { timeout, ..Head::to(HeaderValue::from_static("app")) };
        forward(&request, payload, io, head).await.unwrap_or_else(|error| {
            HttpResponse::BadGateway().force_close().body(match error {
                RelayError::Closed(_) => "closed",
                RelayError::BadResponse(_) => "bad response",
                RelayError::HeadTimeout(_) => "head timeout",
                RelayError::Visitor(_) => "visitor",
                RelayError::Unforwardable(_) => "unforwardable",
            })
        })
    };
    let server = HttpServer::new(move || App::new().default_service(web::to(relay)))
        .workers(1)
        .h1_allow_half_closed(false)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (TcpStream::connect(address).await.unwrap(), handle)
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_ne!(stream.read(&mut byte).await.unwrap(), 0, "ended after {:?}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap()
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut seen = String::new();
    stream.read_to_string(&mut seen).await.unwrap();
    seen
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// One GET, answered by `answer` and the end of the connection: all that the visitor sees.
async fn get(request: &'static [u8], answer: &'static str) -> String {
    let (next, _script) = next_hop(move |mut app| async move {
        read_until(&mut app, "\r\n\r\n").await;
        app.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let (mut visitor, server) = visit(next, HEAD_TIMEOUT).await;
    visitor.write_all(request).await.unwrap();
    let seen = read_all(&mut visitor).await;
    server.stop(false).await;
    seen
}

#[actix_web::test]
async fn a_chunk_of_an_answer_arrives_before_the_answer_ends() {
    let (go_on, seen) = oneshot::channel::<()>();
    let (next, _script) = next_hop(|mut app| async move {
        let head = read_until(&mut app, "\r\n\r\n").await;
        assert!(head.starts_with("GET / HTTP/1.1\r\n") && head.contains("\r\nHost: app\r\n"), "{head}");
        assert!(!head.contains("Content-Length") && !head.contains("Connection"), "{head}");
        app.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await.unwrap();
        seen.await.unwrap();
        app.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
    })
    .await;
    let (mut visitor, server) = visit(next, HEAD_TIMEOUT).await;
    visitor.write_all(GET).await.unwrap();
    read_until(&mut visitor, "3\r\none\r\n").await;
    go_on.send(()).unwrap();
    assert_eq!(read_all(&mut visitor).await, "3\r\ntwo\r\n0\r\n\r\n");
    server.stop(false).await;
}

#[actix_web::test]
async fn a_chunk_of_a_request_arrives_before_the_request_ends() {
    let (go_on, seen) = oneshot::channel::<()>();
    let (next, _script) = next_hop(|mut app| async move {
        let head = read_until(&mut app, "\r\n\r\n").await;
        assert!(head.contains("Content-Length: 6\r\n") && !head.contains("Expect"), "{head}");
        read_until(&mut app, "one").await;
        go_on.send(()).unwrap();
        read_until(&mut app, "two").await;
        app.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    })
    .await;
    let (mut visitor, server) = visit(next, HEAD_TIMEOUT).await;
    let head =
        b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 6\r\n\r\none";
    visitor.write_all(head).await.unwrap();
    seen.await.unwrap();
    visitor.write_all(b"two").await.unwrap();
    let answer = read_all(&mut visitor).await;
    assert!(
        answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 2\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    server.stop(false).await;
}

#[actix_web::test]
async fn answers_without_a_body_have_none() {
    let head =
        get(b"HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")
            .await;
    assert!(head.contains("content-length: 9\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let none = get(GET, "HTTP/1.1 204 No Content\r\n\r\n").await;
    assert!(
        none.starts_with("HTTP/1.1 204") && !none.contains("content-length") && none.ends_with("\r\n\r\n"),
        "{none}"
    );
    let same = get(GET, "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\ncontent-length: 7\r\n\r\n").await;
    assert!(same.contains("etag: \"x\"\r\n") && same.contains("content-length: 7\r\n"), "{same}");
    let empty = get(GET, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    assert!(empty.contains("content-length: 0\r\n") && empty.ends_with("\r\n\r\n"), "{empty}");
}

#[actix_web::test]
async fn an_answer_that_ends_with_its_connection_is_whole() {
    let answer = get(GET, "HTTP/1.0 200 OK\r\n\r\nhello").await;
    assert!(answer.ends_with("5\r\nhello\r\n0\r\n\r\n"), "{answer}");
    let old = get(
        b"GET / HTTP/1.0\r\nhost: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    )
    .await;
    assert!(!old.contains("transfer-encoding") && old.ends_with("\r\n\r\nhello"), "{old}");
}

#[actix_web::test]
async fn an_answer_that_breaks_off_breaks_off() {
    let answer = get(GET, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel").await;
    assert!(!answer.ends_with("\r\n\r\n") && answer.len() < "HTTP/1.1 200 OK\r\n".len() + 100, "{answer}");
    let chunked = get(GET, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n").await;
    assert!(!chunked.ends_with("0\r\n\r\n"), "{chunked}");
}

#[actix_web::test]
async fn every_way_to_get_no_answer_has_its_name() {
    assert!(get(GET, "").await.ends_with("closed"));
    assert!(get(GET, "SSH-2.0-OpenSSH_9.6\r\n\r\n").await.ends_with("bad response"));
    let unasked =
        get(GET, "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n").await;
    assert!(unasked.ends_with("bad response"), "{unasked}");
    let (next, _script) = next_hop(|mut app| async move { read_all(&mut app).await }).await;
    let (mut visitor, server) = visit(next, Duration::from_millis(1)).await;
    visitor.write_all(GET).await.unwrap();
    assert!(read_all(&mut visitor).await.ends_with("head timeout"));
    server.stop(false).await;
}

#[actix_web::test]
async fn a_visitor_who_leaves_frees_the_connection_to_the_next_hop() {
    let (next, script) = next_hop(|mut app| async move {
        read_until(&mut app, "\r\n\r\n").await;
        app.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: hi\n\n").await.unwrap();
        app.read(&mut [0]).await.unwrap()
    })
    .await;
    let (mut visitor, server) = visit(next, HEAD_TIMEOUT).await;
    visitor.write_all(GET).await.unwrap();
    read_until(&mut visitor, ": hi\n\n").await;
    drop(visitor);
    assert_eq!(script.await.unwrap(), 0, "the next hop saw the end of its connection");
    server.stop(false).await;
}

#[actix_web::test]
async fn an_app_may_answer_without_reading_the_request() {
    const BODY: usize = 4 * 1024 * 1024;
    let (next, _script) = next_hop(|mut app| async move {
        read_until(&mut app, "\r\n\r\n").await;
        app.write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno").await.unwrap();
        // Closed with unread bytes: the next hop's system resets the connection.
    })
    .await;
    let (visitor, server) = visit(next, HEAD_TIMEOUT).await;
    let (mut reader, mut writer) = visitor.into_split();
    let upload = rt::spawn(async move {
        let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {BODY}\r\n\r\n");
        writer.write_all(head.as_bytes()).await.unwrap();
        // Fails when nobody wants the rest any more.
        let _ = writer.write_all(&vec![b'x'; BODY]).await;
        writer
    });
    let mut head = vec![0; "HTTP/1.1 413".len()];
    reader.read_exact(&mut head).await.unwrap();
    assert_eq!(head, b"HTTP/1.1 413");
    drop((reader, upload.await.unwrap()));
    server.stop(false).await;
}

const HANDSHAKE: &[u8] = b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[actix_web::test]
async fn an_accepted_websocket_is_a_tunnel() {
    let (next, script) = next_hop(|mut app| async move {
        let head = read_until(&mut app, "\r\n\r\n").await;
        assert!(head.contains("Connection: Upgrade\r\n") && head.contains("Upgrade: websocket\r\n"), "{head}");
        assert!(head.contains("Sec-Websocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "{head}");
        let accept = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
            sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nearly";
        app.write_all(accept).await.unwrap();
        read_until(&mut app, "ping").await;
        app.write_all(b"pong").await.unwrap();
        app.read(&mut [0]).await.unwrap()
    })
    .await;
    let (mut visitor, server) = visit(next, HEAD_TIMEOUT).await;
    visitor.write_all(HANDSHAKE).await.unwrap();
    let head = read_until(&mut visitor, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101") && head.contains("upgrade: websocket\r\n"), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
    read_until(&mut visitor, "early").await;
    visitor.write_all(b"ping").await.unwrap();
    read_until(&mut visitor, "pong").await;
    drop(visitor);
    assert_eq!(script.await.unwrap(), 0, "the next hop saw the end of the tunnel");
    server.stop(false).await;
}

#[actix_web::test]
async fn a_refused_websocket_is_an_ordinary_answer() {
    let chunked =
        get(HANDSHAKE, "HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n").await;
    assert!(!chunked.contains("transfer-encoding") && chunked.ends_with("\r\n\r\nno"), "{chunked}");
    let sized = get(HANDSHAKE, "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await;
    assert!(sized.contains("content-length: 2\r\n") && sized.ends_with("\r\n\r\nno"), "{sized}");
}

//! The client against a host that is slow, rude, half-hearted or gone.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;

use super::{
    ANSWER_MAX, Answer as AppAnswer, Command, CreateRequest, ProcessEvent, SandboxError, Stream,
    scripted::{Answer, Scripted, lease},
};
use crate::types::{AppFile, Port, SandboxSize};

const CREATED: &str =
    r#"{"sandboxID":"new1","templateID":"base","clientID":"c","envdVersion":"0.6.4","envdAccessToken":"ea_1"}"#;
const LISTED: &str =
    r#"[{"sandboxID":"lost1","startedAt":"2026-01-01T00:00:00Z","endAt":"2026-01-01T00:10:00Z","state":"running"}]"#;

fn request() -> CreateRequest {
    CreateRequest {
        template: "base".into(),
        size: SandboxSize { vcpus: 2, memory_mib: 512 },
        lifetime: Duration::from_millis(600_001),
        metadata: BTreeMap::from([("spawnai".into(), "engine".into())]),
        internet: false,
    }
}

fn command(line: &str) -> Command<'_> {
    Command { line, folder: "/home/user/app", envs: BTreeMap::from([("PORT", "3000")]), limit: None }
}

fn port() -> Port {
    Port::new(3000).unwrap()
}

#[actix_rt::test]
async fn an_older_host_is_asked_in_its_own_version_from_then_on() {
    let host = Scripted::new(|request| match request.line.as_str() {
        "POST /sandboxes" => Answer::json(201, CREATED),
        _ => Answer::json(404, r#"{"code":404,"message":"no route"}"#),
    })
    .await;
    let client = host.client();
    let lease = client.create(&request()).await.unwrap();
    assert_eq!((lease.sandbox.as_str(), lease.access_token.expose()), ("new1", "ea_1"));
    client.create(&request()).await.unwrap();
    assert_eq!(host.lines(), ["POST /v2/sandboxes", "POST /sandboxes", "POST /sandboxes"]);
    let sent = &host.requests()[2];
    assert_eq!(sent.header("x-api-key"), Some("e2b_00"));
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(
        (&body["timeout"], &body["secure"], &body["allow_internet_access"]),
        (&601.into(), &true.into(), &false.into())
    );
    assert_eq!(body["metadata"]["spawnai"], "engine");
}

#[actix_rt::test]
async fn a_missing_template_does_not_make_the_host_an_old_one() {
    let host = Scripted::new(|_| Answer::json(404, r#"{"code":404,"message":"template 'base' not found"}"#)).await;
    let client = host.client();
    for _ in 0..2 {
        let error = client.create(&request()).await.unwrap_err();
        assert_eq!(error, SandboxError::NotFound { message: "template 'base' not found".into() });
    }
    assert_eq!(host.lines()[2], "POST /v2/sandboxes");
}

#[actix_rt::test]
async fn a_sandbox_whose_creation_was_not_answered_is_found_and_ended() {
    let host = Scripted::new(|request| match request.line.as_str() {
        "POST /v2/sandboxes" => Answer::cut(""),
        line if line.starts_with("GET /v2/sandboxes?") => Answer::json(200, LISTED),
        "DELETE /sandboxes/lost1" => Answer::json(204, ""),
        line => panic!("{line}"),
    })
    .await;
    let error = host.client().create(&request()).await.unwrap_err();
    assert!(matches!(error, SandboxError::Cut { .. }), "{error}");
    assert_eq!(host.lines().last().unwrap(), "DELETE /sandboxes/lost1");
    let (creation, list) = (host.requests()[0].clone(), host.lines()[1].clone());
    assert!(list.contains(creation.header("idempotency-key").unwrap()), "only that creation's sandbox is looked for");
}

#[actix_rt::test]
async fn an_answer_that_ends_anywhere_in_it_is_a_broken_connection() {
    let whole = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{LISTED}", LISTED.len());
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{LISTED}", LISTED.len());
    for answer in [whole, chunked] {
        let head = answer.find("\r\n\r\n").unwrap() + 4;
        for length in [0, 5, head, head + 10, answer.len() - 1] {
            let cut = answer[..length].to_owned();
            let host = Scripted::new(move |_| Answer::cut(&cut)).await;
            let error = host.client().list(&BTreeMap::new()).await.unwrap_err();
            assert!(error.is_retryable(), "{length} of {answer:?}: {error}");
        }
    }
}

#[actix_rt::test]
async fn who_listens_again_hears_on_or_that_there_is_nothing() {
    let ended = r#"{"end":{"exitCode":3,"status":"exit status 3"}}"#;
    let mut answers = vec![
        Answer::stream(&[r#"{"start":{"pid":7}}"#, ended], Some("{}")),
        Answer::stream(&[], Some(r#"{"error":{"code":"not_found","message":"no process"}}"#)),
    ]
    .into_iter();
    let host = Scripted::new(move |_| answers.next().unwrap()).await;
    let client = host.client();
    let mut stream = client.attach(&lease(), 7).await.unwrap();
    assert_eq!(stream.next().await, Ok(Some(ProcessEvent::Started { pid: 7 })));
    assert!(matches!(stream.next().await, Ok(Some(ProcessEvent::Ended { exit_code: 3, .. }))));
    let mut stream = client.attach(&lease(), 7).await.unwrap();
    assert!(matches!(stream.next().await, Err(SandboxError::NotFound { .. })));
    let asked = &host.requests()[0];
    assert_eq!((asked.line.as_str(), &asked.body[5..]), ("POST /process.Process/Connect", r#"{"process":{"pid":7}}"#));
}

#[actix_rt::test]
async fn refusals_are_told_apart() {
    let mut answers = vec![
        Answer::with(429, "retry-after: 7\r\n", r#"{"code":429,"message":"slow"}"#),
        Answer::json(401, r#"{"code":401,"message":"bad key"}"#),
        Answer::json(503, "<html>down</html>"),
        Answer::json(200, "<html>hotel login</html>"),
        Answer::cut("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"sandbox"),
        Answer::cut("SSH-2.0-OpenSSH\r\n\r\n"),
    ]
    .into_iter();
    let host = Scripted::new(move |_| answers.next().unwrap()).await;
    let (client, sandbox) = (host.client(), lease().sandbox);
    let mut errors = Vec::new();
    for _ in 0..6 {
        errors.push(client.get(&sandbox).await.unwrap_err());
    }
    assert_eq!(errors[0].retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(errors[1], SandboxError::Unauthorized { message: "bad key".into() });
    assert!(matches!(errors[2], SandboxError::Server { status: 503, again: true, .. }), "{}", errors[2]);
    assert!(matches!(errors[3], SandboxError::Protocol { .. }), "{}", errors[3]);
    assert!(matches!(errors[4], SandboxError::Cut { .. }), "{}", errors[4]);
    assert!(matches!(errors[5], SandboxError::Protocol { .. }), "{}", errors[5]);
}

#[actix_rt::test]
async fn a_sandbox_that_is_gone_already_counts_as_ended() {
    let host = Scripted::new(|_| Answer::json(404, r#"{"code":404,"message":"not found"}"#)).await;
    assert_eq!(host.client().kill(&lease().sandbox).await, Ok(()));
}

#[actix_rt::test]
async fn nobody_listening_is_unreachable_and_silence_is_a_timeout() {
    let host = Scripted::new(|_| Answer::silence()).await;
    let client = host.client();
    let asking = actix_rt::spawn(async move { client.ping().await });
    host.received(1).await;
    tokio::time::pause();
    assert!(matches!(asking.await.unwrap(), Err(SandboxError::Timeout { .. })));
    tokio::time::resume();
    let mut nobody = host.endpoint.clone();
    nobody.api_url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let error = super::Client::new(&nobody).ping().await.unwrap_err();
    assert!(
        matches!(&error, SandboxError::Unreachable { address, .. } if nobody.api_url.ends_with(address)),
        "{error}"
    );
}

#[actix_rt::test]
async fn a_list_is_followed_to_its_end_but_not_for_ever() {
    let mut pages = 0;
    let host = Scripted::new(move |_| {
        pages += 1;
        let next = if pages == 2 { "" } else { "x-next-token: more\r\n" };
        Answer::with(200, next, LISTED)
    })
    .await;
    let client = host.client();
    assert_eq!(client.list(&BTreeMap::new()).await.unwrap().len(), 2);
    assert!(host.lines()[1].ends_with("&nextToken=more"));
    assert!(matches!(client.list(&BTreeMap::new()).await, Err(SandboxError::Protocol { .. })));
}

#[actix_rt::test]
async fn all_files_go_in_one_request() {
    let host = Scripted::new(|_| Answer::json(200, "[]")).await;
    let files = ["a.js", "b/c.js"].map(|path| AppFile { path: path.into(), content: path.to_uppercase() });
    host.client().write_files(&lease(), "/home/user/app", &files).await.unwrap();
    let requests = host.requests();
    assert_eq!((requests.len(), requests[0].line.as_str()), (1, "POST /files?username=user"));
    assert_eq!((requests[0].port(), requests[0].header("e2b-sandbox-id")), (Some("49983"), Some("abc1")));
    assert_eq!(requests[0].header("x-access-token"), Some("ea_token"));
    assert!(requests[0].body.contains("filename=\"/home/user/app/b/c.js\"") && requests[0].body.contains("B/C.JS"));
}

#[actix_rt::test]
async fn a_process_is_read_to_its_end() {
    let host = Scripted::new(|_| {
        let events = [
            r#"{"start":{"pid":7}}"#,
            r#"{"keepalive":{}}"#,
            r#"{"data":{"stdout":"aGVsbG8="}}"#,
            r#"{"end":{"exitCode":3,"exited":true,"status":"exit status 3"}}"#,
        ];
        Answer::stream(&events, Some("{}"))
    })
    .await;
    let mut stream = host.client().start(&lease(), command("node .")).await.unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.next().await.unwrap() {
        events.push(event);
    }
    let output = ProcessEvent::Output { stream: Stream::Stdout, bytes: Bytes::from_static(b"hello") };
    let ended = ProcessEvent::Ended { exit_code: 3, status: "exit status 3".into() };
    assert_eq!(events, [ProcessEvent::Started { pid: 7 }, output, ended]);
    let sent = &host.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Basic dXNlcjo="));
    assert_eq!((sent.header("keepalive-ping-interval"), sent.header("connect-timeout-ms")), (Some("30"), None));
    assert!(sent.body.ends_with(
        r#"{"process":{"cmd":"/bin/bash","args":["-l","-c","node ."],"envs":{"PORT":"3000"},"cwd":"/home/user/app"},"stdin":false}"#
    ));
}

#[actix_rt::test]
async fn a_stream_that_breaks_is_not_taken_for_the_end_of_the_process() {
    let started = r#"{"start":{"pid":7}}"#;
    let mut answers = vec![
        Answer::stream(&[started], None).broken_off(),
        Answer::stream(&[started], Some("{}")),
        Answer::stream(&[started, r#"{"data":{"stdout":7}}"#], None),
        Answer::stream(&[started], Some(r#"{"error":{"code":"internal","message":"agent died"}}"#)),
        Answer::json(404, r#"{"code":"not_found","message":"no such user"}"#),
    ]
    .into_iter();
    let host = Scripted::new(move |_| answers.next().unwrap()).await;
    let client = host.client();
    let mut ends = Vec::new();
    for _ in 0..4 {
        let mut stream = client.start(&lease(), command("x")).await.unwrap();
        let first = stream.next().await;
        let second = if first.is_ok() { stream.next().await } else { first };
        assert_eq!(stream.next().await, Ok(None), "after the end there is no more");
        ends.push(second);
    }
    assert!(matches!(ends[0], Err(SandboxError::Cut { .. })), "{:?}", ends[0]);
    assert_eq!(ends[1], Ok(None));
    assert!(matches!(ends[2], Err(SandboxError::Protocol { .. })), "{:?}", ends[2]);
    assert!(matches!(ends[3], Err(SandboxError::Server { .. })), "{:?}", ends[3]);
    let refused = client.start(&lease(), command("x")).await.unwrap_err();
    assert_eq!(refused, SandboxError::NotFound { message: "no such user".into() });
}

#[actix_rt::test]
async fn a_silent_stream_is_given_up_and_a_dropped_one_is_closed() {
    let host = Scripted::new(|_| Answer::stream(&[r#"{"start":{"pid":7}}"#], None)).await;
    let client = host.client();
    let mut stream = client.start(&lease(), command("x")).await.unwrap();
    assert_eq!(stream.next().await, Ok(Some(ProcessEvent::Started { pid: 7 })));
    tokio::time::pause();
    assert!(matches!(stream.next().await, Err(SandboxError::Timeout { .. })));
    tokio::time::resume();
    drop(stream);
    host.closed(1).await;
}

#[actix_rt::test]
async fn open_streams_do_not_use_up_the_connections() {
    let host = Scripted::new(|request| match request.port() {
        Some(_) => Answer::stream(&[r#"{"start":{"pid":7}}"#], None),
        None => Answer::json(200, "[]"),
    })
    .await;
    let client = host.client();
    let lease = lease();
    let streams = join_all((0..150).map(|_| client.start(&lease, command("x")))).await;
    assert_eq!(streams.iter().filter(|stream| stream.is_ok()).count(), 150);
    client.ping().await.unwrap();
}

#[actix_rt::test]
async fn the_proxys_502_is_not_the_apps() {
    let mut answers = vec![
        Answer::with(502, "x-spawnai-host: port-closed\r\n", "{}"),
        Answer::with(502, "x-spawnai-host: sandbox-not-found\r\n", "{}"),
        Answer::json(502, "the app's own"),
        Answer::json(200, &"x".repeat(ANSWER_MAX + 1)),
    ]
    .into_iter();
    let host = Scripted::new(move |_| answers.next().unwrap()).await;
    let (client, sandbox) = (host.client(), lease().sandbox);
    let ask = || client.request(&sandbox, port(), "POST", "/items?a=1", Some("{}"), Duration::from_secs(5));
    assert_eq!(ask().await, Err(SandboxError::PortClosed { sandbox: sandbox.clone(), port: port() }));
    assert!(matches!(ask().await, Err(SandboxError::NotFound { .. })));
    assert_eq!(ask().await, Ok(AppAnswer { status: 502, body: "the app's own".into(), truncated: false }));
    let long = ask().await.unwrap();
    assert_eq!((long.body.len(), long.truncated), (ANSWER_MAX, true));
    let sent = &host.requests()[0];
    assert_eq!((sent.line.as_str(), sent.header("content-type")), ("POST /items?a=1", Some("application/json")));
    assert_eq!(sent.header("x-api-key"), None, "an app must never see the key");
    assert_eq!(sent.header("x-access-token"), None);
}

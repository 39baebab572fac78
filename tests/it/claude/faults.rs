//! The client, one fault after another: what is tried again, what is told, and in which words.

use std::time::Duration;

use spawnai::{
    generator::claude::{
        Auth, ClaudeConfig, ClaudeError, Client, Event, MessagesRequest, Patience, Role, Standing, Turn,
        breaker::FAILURES_MAX,
    },
    types::{Failure, Secret},
};

use super::{
    answers::{KEY, beginning, client, config, deltas, ending, event, good, saying},
    server::{Reply, Request, Scripted},
};

fn request() -> MessagesRequest {
    MessagesRequest {
        model: "claude-x".to_owned(),
        max_tokens: 100,
        system: Vec::new(),
        messages: vec![Turn { role: Role::User, content: "NONCE is: n".to_owned() }],
        output_config: None,
        stream: true,
    }
}

/// Reads an answer to its end.
async fn read(client: &Client) -> Result<String, ClaudeError> {
    let mut stream = client.open(&request()).await?;
    let mut text = String::new();
    while let Some(event) = stream.next().await? {
        if let Event::Text(piece) = event {
            text += &piece;
        }
    }
    Ok(text)
}

/// The first call gets `fault`, all others a good answer. What came of it, and how many calls were made.
async fn after(fault: Reply) -> (Result<String, ClaudeError>, usize) {
    let mut fault = Some(fault);
    let server = Scripted::new(move |_| fault.take().unwrap_or_else(|| saying("fine", "end_turn")));
    let outcome = read(&client(config(&server))).await;
    (outcome, server.asked())
}

#[actix_rt::test]
async fn what_passes_is_tried_again() {
    let page = "content-type: text/html\r\n";
    let faults = [
        ("429, milliseconds", Reply::error(429, "retry-after-ms: 3\r\n", "rate_limit_error")),
        ("429, seconds", Reply::error(429, "retry-after: 0.01\r\n", "rate_limit_error")),
        (
            "429, a date that is past",
            Reply::error(429, "retry-after: Tue, 14 Nov 2023 22:13:20 GMT\r\n", "rate_limit_error"),
        ),
        ("429, nothing said", Reply::error(429, "", "rate_limit_error")),
        ("429, nonsense said", Reply::error(429, "retry-after: soon\r\n", "rate_limit_error")),
        ("500", Reply::error(500, "", "api_error")),
        ("503", Reply::error(503, "", "overloaded_error")),
        ("529", Reply::error(529, "", "overloaded_error")),
        ("529 by a proxy's page", Reply::new(529, page, "<html>")),
        ("502 by a proxy's page", Reply::new(502, page, "<html>Bad gateway")),
        ("408", Reply::error(408, "", "timeout_error")),
        ("409", Reply::error(409, "", "conflict_error")),
        ("400 that should be tried again", Reply::error(400, "x-should-retry: true\r\n", "invalid_request_error")),
        ("no answer", Reply::raw(b"")),
        ("no HTTP", Reply::raw(b"SSH-2.0-OpenSSH\r\n\r\n")),
        (
            "an error for a first event",
            Reply::stream(&event("error", serde_json::json!({ "error": { "type": "overloaded_error" } }))),
        ),
        (
            "a ping and an error",
            Reply::stream(
                &("event: ping\ndata: {}\n\n".to_owned()
                    + &event("error", serde_json::json!({ "error": { "type": "api_error" } }))),
            ),
        ),
        ("an empty stream", Reply::stream("")),
        ("events that are none", Reply::stream("event: message_start\ndata: {\"type\": oops}\n\n")),
        ("JSON that is cut", Reply::json(200, "", "{\"type\":\"message\",")),
    ];
    for (name, fault) in faults {
        assert_eq!(after(fault).await, (Ok("fine".to_owned()), 2), "{name}");
    }
}

#[actix_rt::test]
async fn what_does_not_pass_is_told_at_once() {
    let spend = r#"{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
    let page = "content-type: text/html\r\n";
    let faults = [
        ("claude_spend_limit", Reply::json(429, "retry-after: 1\r\n", spend)),
        ("claude_spend_limit", Reply::error(402, "", "billing_error")),
        ("claude_rate_limited", Reply::error(429, "retry-after: 3600\r\n", "rate_limit_error")),
        ("claude_rate_limited", Reply::error(429, "x-should-retry: false\r\n", "rate_limit_error")),
        ("claude_unavailable", Reply::error(500, "x-should-retry: false\r\n", "api_error")),
        ("claude_unauthorized", Reply::error(401, "", "authentication_error")),
        ("claude_forbidden", Reply::error(403, "", "permission_error")),
        ("claude_refused_request", Reply::error(400, "", "invalid_request_error")),
        ("claude_refused_request", Reply::error(413, "", "request_too_large")),
        ("claude_not_an_api", Reply::new(404, page, "<html>Not found")),
        ("claude_not_an_api", Reply::new(200, page, "<html>Log in")),
        ("claude_not_an_api", Reply::new(302, "location: /login\r\n", "")),
        ("claude_not_an_api", Reply::new(200, "content-type: text/plain\r\n", "hello")),
    ];
    for (code, fault) in faults {
        let (outcome, asked) = after(fault.clone()).await;
        assert_eq!((outcome.map_err(|error| error.code()), asked), (Err(code), 1), "{fault:?}");
    }
}

#[actix_rt::test]
async fn trying_ends() {
    let server = Scripted::new(|_| Reply::error(500, "", "api_error"));
    let config = config(&server);
    let tries = config.retries.tries_max as usize;
    assert_eq!(read(&client(config)).await.unwrap_err().code(), "claude_unavailable");
    assert_eq!(server.asked(), tries);
}

#[actix_rt::test]
async fn a_server_that_keeps_failing_is_left_alone() {
    let server = Scripted::new(|_| Reply::error(529, "x-should-retry: false\r\n", "overloaded_error"));
    let client = client(config(&server));
    for _ in 0..FAILURES_MAX {
        assert_eq!(read(&client).await.unwrap_err().code(), "claude_overloaded");
    }
    assert!(client.is_resting());
    let error = read(&client).await.unwrap_err();
    assert!(matches!(error, ClaudeError::Resting(_)), "{error}");
    assert_eq!(server.asked(), FAILURES_MAX as usize);
}

#[actix_rt::test]
async fn nobody_there_is_told_with_the_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let server = Scripted::new(|_| Reply::silence());
    let nobody = ClaudeConfig { base_url: format!("http://me:secret@{address}"), ..config(&server) };
    let failure = Failure::from(read(&client(nobody)).await.unwrap_err());
    assert!(failure.message.contains(&address) && !failure.message.contains("secret"), "{failure}");
}

#[actix_rt::test]
async fn silence_and_slowness_have_their_ends() {
    let begun = beginning() + &deltas("some text");
    let whole = begun.clone() + &ending("end_turn");
    let impatient = |server: &Scripted, idle, whole| {
        let patience = Patience { head: Duration::from_millis(100), idle, whole };
        client(ClaudeConfig { patience, ..config(server) })
    };
    let (short, long) = (Duration::from_millis(100), Duration::from_secs(20));
    let server = Scripted::new(|_| Reply::silence());
    assert!(matches!(read(&impatient(&server, short, long)).await, Err(ClaudeError::Silent(_))), "no head");
    let server = Scripted::new(move |_| Reply::stream(&begun).stalled(400));
    assert!(matches!(read(&impatient(&server, short, long)).await, Err(ClaudeError::Silent(_))), "a stall");
    let server = Scripted::new(move |_| Reply::stream(&whole).slowly(Duration::from_millis(40)));
    assert!(
        matches!(read(&impatient(&server, long, Duration::from_millis(200))).await, Err(ClaudeError::TooSlow(_))),
        "a drip"
    );
    // One that is no stream, and one that is a refusal.
    for status in [200, 500] {
        let body = "x".repeat(8000);
        let slow = Duration::from_millis(40);
        let server = Scripted::new(move |_| Reply::json(status, "", &body).in_pieces().slowly(slow));
        let told = read(&impatient(&server, long, Duration::from_millis(300))).await;
        assert!(matches!(told, Err(ClaudeError::TooSlow(_))), "{status} {told:?}");
    }
}

#[actix_rt::test]
async fn a_body_that_ends_with_its_connection_is_told_as_one() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let server = Scripted::new(move |_| Reply::raw((head.to_owned() + &beginning()).as_bytes()));
    let failure = Failure::from(read(&client(config(&server))).await.unwrap_err());
    assert_eq!((failure.code.as_ref(), server.asked()), ("claude_not_an_api", 1), "{failure}");
    assert!(failure.message.contains("Content-Length"), "{failure}");
}

#[actix_rt::test]
async fn a_fault_in_mid_stream_comes_after_what_was_read() {
    let overloaded = event("error", serde_json::json!({ "error": { "type": "overloaded_error", "message": "m" } }));
    let garbage = "event: content_block_delta\ndata: {\"delta\": {\"text\": 7}}\n\n".to_owned();
    for (fault, code) in
        [(overloaded, "claude_overloaded"), (garbage, "claude_protocol"), (String::new(), "claude_unavailable")]
    {
        let server = Scripted::new(move |_| Reply::stream(&(beginning() + &deltas("half an answer") + &fault)));
        let mut stream = client(config(&server)).open(&request()).await.unwrap();
        let mut text = String::new();
        let error = loop {
            match stream.next().await {
                Ok(Some(Event::Text(piece))) => text += &piece,
                Ok(Some(_)) => {}
                Ok(None) => panic!("no error"),
                Err(error) => break error,
            }
        };
        assert_eq!((text.as_str(), error.code()), ("half an answer", code));
        let usage = stream.usage();
        assert!(usage.estimated && usage.input == 900 && usage.output == 5, "{usage:?}");
        assert_eq!((stream.next().await, server.asked()), (Ok(None), 1));
    }
}

#[actix_rt::test]
async fn unknown_events_pass_and_a_server_need_not_stream() {
    let odd = "event: brand_new\ndata: not JSON\n\n: comment\n\nid: 4\nretry: 10\n\n".to_owned()
        + &event("content_block_delta", serde_json::json!({ "delta": { "type": "thinking_delta", "thinking": "hm" } }));
    let server =
        Scripted::new(move |_| Reply::stream(&(beginning() + &odd + &deltas("fine") + &odd + &ending("end_turn"))));
    assert_eq!(read(&client(config(&server))).await, Ok("fine".to_owned()));
    let whole = r#"{"type":"message","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;
    let server = Scripted::new(move |_| Reply::json(200, "", whole));
    let client = client(config(&server));
    let mut stream = client.open(&request()).await.unwrap();
    while stream.next().await.unwrap().is_some() {}
    assert_eq!((stream.usage().total(), stream.usage().estimated), (4, false));
}

#[actix_rt::test]
async fn requests_carry_the_key_in_either_way() {
    let server = Scripted::new(|_| saying("fine", "end_turn"));
    let key = config(&server);
    let token = ClaudeConfig {
        auth: Auth::Token(Secret::new("tok".to_owned())),
        version: "2023-06-01".to_owned(),
        ..key.clone()
    };
    for config in [key, token] {
        read(&client(config)).await.unwrap();
    }
    let requests = server.requests();
    let headers = |request: &Request, names: [&str; 3]| names.map(|name| request.header(name).map(str::to_owned));
    let names = ["x-api-key", "authorization", "anthropic-version"];
    assert_eq!(headers(&requests[0], names), [Some(KEY.to_owned()), None, Some(ClaudeConfig::VERSION.to_owned())]);
    assert_eq!(headers(&requests[1], names), [None, Some("Bearer tok".to_owned()), Some("2023-06-01".to_owned())]);
    assert_eq!((&requests[0].line[..], &requests[0].body["stream"]), ("POST /v1/messages", &serde_json::json!(true)));
}

#[actix_rt::test]
async fn an_unknown_model_is_told_with_those_that_exist() {
    let list = r#"{"data":[{"type":"model","id":"claude-a"},{"type":"model","id":"claude-b"}],"has_more":false}"#;
    let missing = r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#;
    let server = Scripted::new(move |request| {
        if request.line.starts_with("GET /v1/models") {
            Reply::json(200, "", list)
        } else {
            Reply::json(404, "", missing)
        }
    });
    let config = ClaudeConfig { model: "claude-x".to_owned(), second: None, ..config(&server) };
    let client = client(config);
    let failure = Failure::from(read(&client).await.unwrap_err());
    assert!(failure.message.contains("claude-a, claude-b"), "{failure}");
    let known = vec!["claude-a".to_owned(), "claude-b".to_owned()];
    assert_eq!(client.check().await, Standing::Missing { model: "claude-x".to_owned(), known });
}

#[actix_rt::test]
async fn a_dropped_stream_closes_its_connection() {
    let server = Scripted::new(|request| good(&request.nonce()).stalled(700));
    let client = client(config(&server));
    let mut stream = client.open(&request()).await.unwrap();
    assert!(matches!(stream.next().await, Ok(Some(Event::Begun(_)))));
    drop(stream);
    server.closed(1).await;
    // And before there is a head.
    let server = Scripted::new(|_| Reply::silence());
    let client = super::answers::client(config(&server));
    let opening = actix_rt::spawn(async move { client.open(&request()).await.map(drop) });
    while server.asked() == 0 {
        tokio::task::yield_now().await;
    }
    opening.abort();
    server.closed(1).await;
}

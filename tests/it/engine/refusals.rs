//! Requests that are wrong: each is told what is wrong in the one form that errors have, and none does any harm.

use serde_json::{Value, json};

use super::stand::Engine;
use crate::wire::{self, Answer};

const NOBODY: &str = "0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Status and code, once the answer was found to have the form of all errors.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{} {}", answer.headers, answer.text());
    let body = answer.json();
    let error = &body["error"];
    let words = error["message"].as_str().unwrap();
    assert!(!words.is_empty() && words.len() < 500 && !words.contains("panicked"), "{body}");
    assert!(["user", "api", "system", "resource"].contains(&error["category"].as_str().unwrap()), "{body}");
    assert!(error["retryable"].is_boolean() && error["details"].is_object(), "{body}");
    assert_eq!(answer.header("x-request-id"), error["requestId"].as_str(), "{body}");
    assert!(!error["requestId"].as_str().unwrap().is_empty());
    (answer.status, error["code"].as_str().unwrap().to_owned())
}

#[test]
fn wishes_that_cannot_be_read_are_refused_by_what_is_wrong() {
    let engine = Engine::start(&[]);
    let wish = |body: &[u8]| refusal(&wire::call(engine.api, "POST", "/api/spawn", &[JSON], body));
    let prompt = |text: &str| wish(json!({"prompt": text, "appType": "webapp"}).to_string().as_bytes());
    let cases = [
        (prompt(""), "invalid_prompt"),
        (prompt("  \n "), "invalid_prompt"),
        (prompt(&"é".repeat(2001)), "invalid_prompt"),
        (prompt("todo \u{202e}app"), "invalid_prompt"),
        (prompt("todo \0app"), "invalid_prompt"),
        (wish(b""), "invalid_json"),
        (wish(b"{"), "invalid_json"),
        (wish(b"{\"prompt\":\"x\",}"), "invalid_json"),
        (wish(b"{\"prompt\":\"\xff\xfe\"}"), "invalid_encoding"),
        (wish(b"[]"), "invalid_request"),
        (wish(b"null"), "invalid_request"),
        (wish(b"{}"), "invalid_request"),
        (wish(b"{\"prompt\":7}"), "invalid_request"),
        (wish(b"{\"prompt\":[\"x\"]}"), "invalid_request"),
        (wish(br#"{"prompt":"x","appType":"game"}"#), "invalid_request"),
        (wish(br#"{"prompt":"x","appType":null}"#), "invalid_request"),
        (wish(br#"{"prompt":"x","aptType":"webapp"}"#), "invalid_request"),
        (wish(br#"{"prompt":"x","prompt":"y"}"#), "invalid_request"),
        (wish(br#"{"prompt":"x","userId":"a b"}"#), "invalid_user"),
        (wish(br#"{"prompt":"x","userId":""}"#), "invalid_user"),
        (wish(br#"{"prompt":"x","hours":0}"#), "invalid_hours"),
        (wish(br#"{"prompt":"x","hours":-1}"#), "invalid_hours"),
        (wish(br#"{"prompt":"x","hours":1e300}"#), "invalid_hours"),
        (wish(br#"{"prompt":"x","hours":2}"#), "lifetime_exceeded"),
    ];
    for (number, (got, code)) in cases.into_iter().enumerate() {
        assert_eq!(got, (400, code.to_owned()), "case {number}");
    }
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(wish(deep.as_bytes()).0, 400, "no stack is so deep");
    let large = json!({"prompt": "x".repeat(70_000)}).to_string();
    assert_eq!(wish(large.as_bytes()).0, 413);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
        let answer = wire::call(engine.api, "POST", "/api/spawn", &[("Content-Type", kind)], br#"{"prompt":"x"}"#);
        assert_eq!(refusal(&answer), (415, "unsupported_media_type".to_owned()), "{kind}");
    }
    assert_eq!(engine.read("/api/spawn")["sessions"], json!([]), "none of them has left a session");
    assert_eq!(engine.get("/health").status, 200);
    // The longest that is allowed is.
    assert_eq!(engine.ask(&"é".repeat(2000), "webapp").status, 202);
}

#[test]
fn what_is_not_there_or_not_possible_says_so() {
    let engine = Engine::start(&[]);
    let ask = |method: &str, path: &str, body: &Value| refusal(&engine.call(method, path, body));
    for rest in ["", "/events", "/logs", "/logs?follow=true", "/files", "/files/server.js", "/export.zip"] {
        let (unknown, malformed) = (format!("/api/spawn/{NOBODY}{rest}"), format!("/api/spawn/nope{rest}"));
        assert_eq!(ask("GET", &unknown, &Value::Null), (404, "not_found".to_owned()), "{rest}");
        assert_eq!(ask("GET", &malformed, &Value::Null), (400, "invalid_session_id".to_owned()), "{rest}");
        assert_eq!(ask("PUT", &unknown, &Value::Null), (405, "method_not_allowed".to_owned()), "{rest}");
    }
    let extend = format!("/api/spawn/{NOBODY}/extend");
    assert_eq!(ask("POST", &extend, &json!({"additionalHours": 0.5})).0, 404);
    for body in
        [json!({}), json!({"additionalHours": "1"}), json!({"additionalHours": 0}), json!({"additionalHours": -1})]
    {
        assert_eq!(ask("POST", &extend, &body).0, 400, "{body}");
    }
    assert_eq!(ask("DELETE", &format!("/api/spawn/{NOBODY}"), &Value::Null).0, 404);
    assert_eq!(ask("GET", "/api/spawn/..%2f..%2fetc%2fpasswd", &Value::Null).0, 400);
    for query in ["limit=0", "limit=201", "limit=x", "status=gone", "cursor=%00", "userId=a%20b", "order=up"] {
        assert_eq!(
            ask("GET", &format!("/api/spawn?{query}"), &Value::Null),
            (400, "invalid_parameter".to_owned()),
            "{query}"
        );
    }
    for query in ["from=yesterday", "from=2026-12-01&to=2026-11-01", "who=me"] {
        assert_eq!(
            ask("GET", &format!("/api/usage?{query}"), &Value::Null),
            (400, "invalid_parameter".to_owned()),
            "{query}"
        );
    }
    for path in ["/api", "/api/nothing", "/etc/passwd", "/assets/../../Cargo.toml", "/%2e%2e/"] {
        assert_eq!(ask("GET", path, &Value::Null), (404, "not_found".to_owned()), "{path}");
    }
    for (method, path) in [("POST", "/health"), ("DELETE", "/api/spawn"), ("PATCH", "/api/usage"), ("POST", "/ws")] {
        assert_eq!(ask(method, path, &Value::Null), (405, "method_not_allowed".to_owned()), "{method} {path}");
    }
    let refused = engine.call("DELETE", "/api/spawn", &Value::Null);
    assert_eq!(refused.header("allow"), Some("get, head, post"));
    for path in ["/health", "/ready", "/api/spawn", "/metrics"] {
        let head = engine.call("HEAD", path, &Value::Null);
        assert_eq!((head.status, head.text().as_str()), (200, ""), "{path}");
    }
    assert_eq!(refusal(&engine.get("/ws")).0, 400, "a WebSocket is what lives there");
    assert_eq!(engine.get("/health").status, 200);
}

#[test]
fn pages_of_other_sites_stay_out() {
    let engine = Engine::start(&[]);
    let with = |name, value| wire::call(engine.api, "GET", "/api/spawn", &[(name, value)], b"");
    for host in ["evil.example", "evil.example:8080", "localhost.evil.example", "todo-x.localhost"] {
        assert_eq!(refusal(&with("Host", host)), (421, "wrong_host".to_owned()), "{host}");
    }
    for origin in ["https://evil.example", "null", "https://todo-x.localhost:8443"] {
        assert_eq!(refusal(&with("Origin", origin)), (403, "foreign_origin".to_owned()), "{origin}");
    }
    let own = format!("http://{}", engine.api);
    assert_eq!(with("Origin", &own).status, 200);
    let upgrade = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Origin", "https://evil.example"),
    ];
    assert_eq!(wire::call(engine.api, "GET", "/ws", &upgrade, b"").status, 403);
    let trusting = Engine::start(&[("SPAWNAI_CORS_ORIGINS", "https://console.example")]);
    let answer = wire::call(trusting.api, "GET", "/api/spawn", &[("Origin", "https://console.example")], b"");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("https://console.example")));
}

#[test]
fn a_request_keeps_the_name_that_it_came_with() {
    let engine = Engine::start(&[]);
    let named = wire::call(engine.api, "GET", "/api/spawn/nope", &[("X-Request-Id", "trace-1")], b"");
    assert_eq!(named.json()["error"]["requestId"], "trace-1");
    let id = |answer: &Answer| answer.header("x-request-id").unwrap().to_owned();
    let bad = wire::call(engine.api, "GET", "/health", &[("X-Request-Id", "no spaces <please>")], b"");
    assert_ne!(id(&bad), "no spaces <please>");
    assert_ne!(id(&engine.get("/health")), id(&engine.get("/health")));
}

#[test]
fn lines_that_are_no_http_harm_nobody() {
    use std::io::{Read, Write};
    let engine = Engine::start(&[]);
    for text in [
        "\r\n\r\n",
        "HELLO\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /api/spawn HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\x00",
    ] {
        let mut stream = wire::connect(engine.api);
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
            "{text:?}: {}",
            String::from_utf8_lossy(&answer)
        );
        let mut visitor = wire::connect(engine.gateway);
        visitor.write_all(text.as_bytes()).unwrap();
        visitor.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = visitor.read_to_end(&mut Vec::new());
    }
    assert_eq!(engine.get("/health").status, 200);
}

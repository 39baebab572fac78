//! `/ws`: what a client may say, and what it hears.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::stand::{Engine, Session, Socket};

const NOBODY: &str = "0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21";

fn subscribe(socket: &mut Socket, session: &Session<'_>) {
    socket.say(&json!({"type": "session_subscribe", "sessionId": session.id}));
}

/// Listens until a session is in this status, and gives all frames on the way.
fn until(socket: &mut Socket, status: &str) -> Vec<Value> {
    let mut heard = Vec::new();
    loop {
        let frame = socket.hear();
        let there = frame["status"] == status || (frame["type"] == "session_expired" && status == "expired");
        heard.push(frame);
        if there {
            return heard;
        }
    }
}

fn numbers(frames: &[Value]) -> Vec<u64> {
    frames.iter().map(|frame| frame["seq"].as_u64().unwrap()).collect()
}

#[test]
fn subscribers_hear_the_present_and_then_every_change() {
    let engine = Engine::start(&[]);
    let (mut first, mut second) = (engine.socket(), engine.socket());
    let session = engine.spawn("a todo app", "webapp");
    subscribe(&mut first, &session);
    subscribe(&mut second, &session);
    let (heard, also) = (until(&mut first, "ready"), until(&mut second, "ready"));
    for frames in [&heard, &also] {
        let numbers = numbers(frames);
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "no gap: {numbers:?}");
        assert!(frames.iter().all(|frame| frame["type"] == "session_update" && frame["sessionId"] == session.id));
        assert_eq!(frames.last().unwrap()["appUrl"], session.url);
    }

    // Who comes late gets the present, under the number that it has.
    let mut late = engine.socket();
    subscribe(&mut late, &session);
    let present = late.hear();
    assert_eq!((&present["status"], &present["seq"]), (&json!("ready"), &heard.last().unwrap()["seq"]));

    // An extension is a change; who has unsubscribed does not hear of it.
    second.say(&json!({"type": "session_unsubscribe", "sessionId": session.id}));
    // The answer to a second request shows that the first was done.
    second.say(&json!({"type": "session_subscribe", "sessionId": NOBODY}));
    assert_eq!(second.hear()["type"], "session_error");
    let extended = engine.call("POST", &session.path("/extend"), &json!({"additionalHours": 0.1}));
    assert_eq!(extended.status, 200, "{}", extended.text());
    assert!(first.hear()["message"].as_str().unwrap().starts_with("extended until"));

    // Destroyed by one, heard by all who follow, and by the one who asked.
    second.say(&json!({"type": "session_destroy", "sessionId": session.id}));
    for socket in [&mut first, &mut late, &mut second] {
        let end = until(socket, "expired").pop().unwrap();
        assert_eq!((&end["type"], &end["endReason"]), (&json!("session_expired"), &json!("destroyed")));
        assert_eq!(end["finalCost"], session.show()["actualCost"], "{end}");
    }
    assert_eq!(session.show()["endReason"], "destroyed");
    // Once: what comes next is the answer to the next request.
    second.say(&json!({"type": "session_subscribe", "sessionId": NOBODY}));
    assert_eq!(second.hear()["type"], "session_error");

    // What is over can be subscribed to and destroyed as often as one likes: its end is told again.
    for ask in ["session_subscribe", "session_destroy"] {
        second.say(&json!({"type": ask, "sessionId": session.id}));
        assert_eq!(second.hear()["endReason"], "destroyed", "{ask}");
    }
}

#[test]
fn what_cannot_be_understood_is_answered_and_the_socket_lives_on() {
    let engine = Engine::start(&[]);
    let mut socket = engine.socket();
    let bad = [
        "",
        "nonsense",
        "[]",
        "null",
        r#"{"type":"session_subscribe"}"#,
        r#"{"type":"session_subscribe","sessionId":"x"}"#,
        r#"{"type":"session_subscribe","sessionId":7}"#,
        r#"{"type":"session_explode","sessionId":"0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21"}"#,
        r#"{"type":"session_subscribe","sessionId":"0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21","more":1}"#,
    ];
    for text in bad {
        socket.0.send(Message::text(text)).unwrap();
        let answer = socket.hear();
        assert_eq!(
            (&answer["type"], &answer["sessionId"]),
            (&json!("session_error"), &Value::Null),
            "{text}: {answer}"
        );
        assert!(answer["error"]["code"].is_string() && answer["recoverable"].is_boolean(), "{text}: {answer}");
    }
    for ask in ["session_subscribe", "session_destroy"] {
        socket.say(&json!({"type": ask, "sessionId": NOBODY}));
        let answer = socket.hear();
        assert_eq!((&answer["error"]["code"], &answer["sessionId"]), (&json!("not_found"), &json!(NOBODY)), "{answer}");
    }
    // To leave what one never joined is nothing to complain about.
    socket.say(&json!({"type": "session_unsubscribe", "sessionId": NOBODY}));
    socket.0.send(Message::Ping(Bytes::from_static(b"there?"))).unwrap();
    assert_eq!(socket.0.read().unwrap(), Message::Pong(Bytes::from_static(b"there?")));
}

#[test]
fn what_is_no_text_or_too_long_closes_the_socket_and_only_that() {
    let engine = Engine::start(&[]);
    let mut binary = engine.socket();
    binary.0.send(Message::binary(b"{}".to_vec())).unwrap();
    assert_eq!(binary.closed(), 1003);
    let mut long = engine.socket();
    let padded = format!(r#"{{"type":"session_subscribe","sessionId":"{NOBODY}{}"}}"#, " ".repeat(40_000));
    // It may be closed before all is sent.
    let _ = long.0.send(Message::text(padded));
    assert_eq!(long.closed(), 1009);
    assert_eq!(engine.get("/health").status, 200);
    let mut other = engine.socket();
    other.say(&json!({"type": "session_subscribe", "sessionId": NOBODY}));
    assert_eq!(other.hear()["type"], "session_error");
}

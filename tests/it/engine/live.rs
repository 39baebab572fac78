//! From a prompt to an app that answers.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client};

use super::stand::{Engine, Event, Socket};
use crate::wire::Duplex;

/// The ways of all events: numbered from one without a gap, forward, each about this session.
fn in_order(events: &[Event], id: &str) {
    let mut progress = 0;
    for (event, number) in events.iter().zip(1..) {
        assert_eq!((event.id, &event.data["seq"]), (number, &json!(number)), "{events:?}");
        assert_eq!((&event.data["sessionId"], &event.data["type"]), (&json!(id), &json!(event.kind)));
        if event.kind == "session_update" {
            let reached = event.data["progress"].as_u64().unwrap();
            assert!(reached >= progress, "{events:?}");
            progress = reached;
        }
    }
}

#[test]
fn a_wish_becomes_a_web_app_at_a_tls_address() {
    let engine = Engine::start(&[]);
    let answer =
        engine.call("POST", "/api/spawn", &json!({"prompt": "Build me a simple todo app", "appType": "webapp"}));
    assert_eq!(answer.status, 202);
    let accepted = answer.json();
    let session = engine.session(&accepted);
    assert_eq!(answer.header("location"), Some(session.path("").as_str()));
    assert_eq!(accepted["status"], "creating");
    assert_eq!(accepted["estimatedCost"], 0.02925, "half an hour of one processor and half a GiB");
    assert!(accepted["estimatedTime"].as_u64().is_some_and(|seconds| (1..60).contains(&seconds)), "{accepted}");
    assert!(session.name().ends_with(".localhost") && session.url.ends_with(&format!(":{}", engine.gateway.port())));

    let mut events = Vec::new();
    for event in session.events(None) {
        let ready = event.data["status"] == "ready";
        events.push(event);
        if ready {
            break;
        }
    }
    in_order(&events, &session.id);
    let phases = events.iter().map(|event| event.data["phase"].as_str().unwrap());
    // The sandbox may be there before the app.
    let phases: Vec<_> = phases.filter(|phase| *phase != "acquiring").collect();
    assert_eq!(phases, ["queued", "writing", "uploading", "starting", "checking", "live"]);
    assert_eq!(events.last().unwrap().data["appUrl"], session.url);

    let page = session.page();
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<!doctype html>"), "{}", page.text());
    assert_eq!(session.visit("GET", "/api/todos", &Value::Null).json(), json!({"todos": []}));
    let view = session.show();
    for (field, expected) in [
        ("status", "ready"),
        ("phase", "live"),
        ("appUrl", &session.url),
        ("appType", "webapp"),
        ("userId", "anonymous"),
        ("generator", "built-in"),
        ("template", "todo"),
        ("prompt", "Build me a simple todo app"),
    ] {
        assert_eq!(view[field], expected, "{field}");
    }
    assert!(view["expiresAt"].as_str() > view["createdAt"].as_str());
    assert!(view.get("errorMessage").is_none() && view.get("endReason").is_none(), "{view}");
}

#[test]
fn an_api_keeps_what_it_is_given() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("an API for books with title, author and year", "api").ready();
    let book = json!({"title": "Dune", "author": "Herbert", "year": 1965});
    let made = session.visit("POST", "/books", &book);
    assert_eq!(made.status, 201, "{}", made.text());
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(session.visit("GET", &path, &Value::Null).json()["title"], "Dune");
    let changed = session.visit("PATCH", &path, &json!({"year": 1966}));
    assert_eq!((changed.status, &changed.json()["year"]), (200, &json!(1966)));
    let refused = session.visit("POST", "/books", &json!({"title": 1}));
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(session.visit("DELETE", &path, &Value::Null).status / 100, 2);
    assert_eq!(session.visit("GET", &path, &Value::Null).status, 404);
}

#[test]
fn a_script_runs_and_its_page_tells_how_it_went() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("prime sieve up to 100", "script").ready();
    assert_eq!(session.page().status, 200);
    let run = session.visit("GET", "/api/status?wait=20", &Value::Null).json();
    assert_eq!(run["exitCode"], 0, "{run}");
    let output = session.visit("GET", "/api/output.txt", &Value::Null).text();
    assert!(output.contains("97") && !output.contains("101"), "{output}");
}

#[test]
fn a_chat_talks_through_the_gateway() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a chat app", "webapp").ready();
    let mut people: Vec<Socket> = ["ann", "bob"]
        .into_iter()
        .map(|name| {
            let stream: Box<dyn Duplex> = Box::new(engine.tls(session.name()));
            let address = format!("{}/ws", session.url.replace("https://", "wss://"));
            let (socket, answer) = client(address, stream).unwrap();
            assert_eq!(answer.status(), 101);
            let mut socket = Socket(socket);
            socket.say(
                &json!({"type": "join", "name": name, "key": format!("key-of-{name}-0123456789"), "room": "general"}),
            );
            socket.hear_kind("room");
            socket
        })
        .collect();
    people[0].say(&json!({"type": "say", "text": "hello, bob"}));
    let heard = people[1].hear_kind("message");
    assert_eq!(
        (&heard["message"]["name"], &heard["message"]["text"]),
        (&json!("ann"), &json!("hello, bob")),
        "{heard}"
    );
    session.destroy();
    // The app's end is the end of its connections.
    while let Ok(message) = people[0].0.read() {
        if matches!(message, Message::Close(_)) {
            break;
        }
    }
}

#[test]
fn an_app_that_is_not_there_yet_or_no_more_says_so() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a calculator", "webapp").ready();
    session.destroy();
    let gone = session.page();
    assert_eq!(gone.status, 410, "{}", gone.text());
    assert!(gone.text().contains("destroyed by its owner"), "{}", gone.text());
}

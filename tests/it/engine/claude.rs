//! Apps that Claude writes, from the prompt to the address: the real engine, and a Messages API that says what it is told.

use serde_json::{Value, json};

use super::stand::{Engine, eventually};
use crate::claude::{
    answers::{INPUT, KEY, OUTPUT, SERVER, app, good, saying},
    server::{Reply, Scripted},
};

pub fn engine(server: &Scripted, more: &[(&str, &str)]) -> Engine {
    let url = server.url();
    let own = [("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", url.as_str())];
    Engine::start(&[own.as_slice(), more].concat())
}

/// Answers to requests for messages; there is no list of models.
pub fn scripted(mut answer: impl FnMut(&crate::claude::server::Request) -> Reply + Send + 'static) -> Scripted {
    Scripted::new(
        move |request| {
            if request.line.starts_with("GET") { Reply::json(404, "", "{}") } else { answer(request) }
        },
    )
}

/// The dollars of a kind of cost that the engine has noted.
fn cost(engine: &Engine, session: &str) -> f64 {
    engine.read(&format!("/api/spawn/{session}"))["actualCost"].as_f64().unwrap()
}

#[test]
fn a_wish_becomes_an_app_that_claude_wrote() {
    let server = scripted(|request| good(&request.nonce()));
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp").ready();
    assert!(session.page().text().contains("<h1>Hi</h1>"));
    let view = session.show();
    assert_eq!((&view["generator"], &view["template"]), (&json!("claude"), &json!("claude-sonnet-5-5")));
    assert_eq!((&view["tokens"]["total"], &view["answers"]), (&json!(INPUT + OUTPUT), &json!(1)));
    assert_eq!((&view["tokens"]["input"], &view["tokens"]["output"]), (&json!(INPUT), &json!(OUTPUT)));
    let asked = json!([{ "generator": "claude", "model": "claude-sonnet-5-5", "prompt": "full" }]);
    assert_eq!((&view["model"], &view["attempts"], &view["repairs"]), (&view["template"], &asked, &json!([])));
    // $0.003 for the answer, and the sandbox's time.
    assert!(view["actualCost"].as_f64().unwrap() >= 0.003, "{view}");
    let messages: Vec<_> = session
        .events(None)
        .take_while(|event| event.data["status"] != "ready")
        .filter_map(|event| event.data["message"].as_str().map(str::to_owned))
        .collect();
    assert!(messages.iter().any(|message| message.starts_with("wrote server.js")), "{messages:?}");
    assert!(!engine.said().contains(KEY), "the key is in the log");
}

#[test]
fn a_slip_is_mended_without_asking_again() {
    let server = scripted(|request| {
        let broken = SERVER.replace("require(\"node:http\")", "http");
        saying(&app(&request.nonce()).replace(SERVER, &broken), "end_turn")
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp").ready();
    assert!(session.page().text().contains("<h1>Hi</h1>"));
    let view = session.show();
    assert_eq!((server.asked(), &view["answers"], &view["restarts"]), (1, &json!(1), &json!(1)));
    let repair = &view["repairs"][0];
    assert_eq!((&repair["by"], &repair["tokens"]), (&json!("rule"), &json!(0)), "{view}");
    assert_eq!(repair["failure"]["code"], "app_crashed", "{view}");
}

#[test]
fn an_app_that_does_not_start_is_mended_by_claude_once_for_each_error() {
    let server = scripted(|request| {
        let nonce = request.nonce();
        if request.last_turn().contains("ReferenceError: greeting is not defined") {
            let file = format!("<file-{nonce} path=\"server.js\">\n{SERVER}</file-{nonce}><end-{nonce}/>");
            return saying(&file, "end_turn");
        }
        saying(&app(&nonce).replace(SERVER, &format!("greeting();\n{SERVER}")), "end_turn")
    });
    let engine_ = engine(&server, &[]);
    let session = engine_.spawn("a page that greets", "webapp").ready();
    let view = session.show();
    assert_eq!((server.asked(), &view["answers"], &view["restarts"]), (2, &json!(2), &json!(1)));
    assert_eq!(view["tokens"]["total"], json!(2 * (INPUT + OUTPUT)));
    let repair = &view["repairs"][0];
    assert_eq!((&repair["by"], &repair["tokens"]), (&json!("claude"), &json!(INPUT + OUTPUT)), "{view}");

    // The same error again: asking on would burn tokens in a circle.
    let server = scripted(|request| {
        let nonce = request.nonce();
        saying(&app(&nonce).replace(SERVER, &format!("greeting();\n{SERVER}")), "end_turn")
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp");
    let view = session.until("error");
    assert_eq!((server.asked(), &view["error"]["code"]), (2, &json!("app_crashed")), "{view}");
}

#[test]
fn a_template_serves_when_claude_cannot_and_says_why() {
    let overloaded = |_: &_| Reply::error(529, "x-should-retry: false\r\n", "overloaded_error");
    let server = scripted(overloaded);
    let with_fallback = engine(&server, &[]);
    let view = with_fallback.spawn("a todo app", "webapp").ready().show();
    let note = view["note"].as_str().unwrap();
    assert!(note.starts_with("Claude could not write it: Claude is overloaded."), "{note}");
    assert_eq!((&view["generator"], &view["answers"]), (&json!("built-in"), &json!(0)));
    let attempts = view["attempts"].as_array().unwrap();
    let told: Vec<_> = attempts.iter().map(|one| (&one["model"], &one["error"]["code"])).collect();
    let overloaded = json!("claude_overloaded");
    let (sonnet, haiku, todo) = (json!("claude-sonnet-5-5"), json!("claude-haiku-5-5"), json!("todo"));
    assert_eq!(told, [(&sonnet, &overloaded), (&haiku, &overloaded), (&todo, &Value::Null)], "{view}");
    drop(with_fallback);
    let without = engine(&server, &[("SPAWNAI_CLAUDE_FALLBACK", "none"), ("SPAWNAI_CLAUDE_SECOND_MODEL", "none")]);
    let view = without.spawn("a todo app", "webapp").until("error");
    assert_eq!(view["error"]["code"], "claude_overloaded", "{view}");
}

#[test]
fn a_wrong_key_is_told_at_the_start_and_in_the_session() {
    let server = Scripted::new(|_| Reply::error(401, "", "authentication_error"));
    let engine = engine(&server, &[]);
    let view = engine.spawn("a todo app", "webapp").until("error");
    assert_eq!(view["error"]["code"], "claude_unauthorized", "{view}");
    assert!(view["errorMessage"].as_str().unwrap().contains("ANTHROPIC_API_KEY"), "{view}");
    eventually("the log tells", || engine.said().contains("Claude cannot be used").then_some(()));
    let health = engine.get("/health");
    assert_eq!((health.status, health.json()["status"].as_str()), (503, Some("degraded")), "{}", health.text());
    assert!(health.text().contains("Claude refuses the key"), "{}", health.text());
}

#[test]
fn a_session_that_is_destroyed_while_claude_writes_stops_paying_and_pays_what_was_written() {
    let server = scripted(|request| {
        let reply = good(&request.nonce());
        let half = reply.length() / 2;
        reply.stalled(half)
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp");
    // 900 tokens at $2 for a million; the sandbox that is held meanwhile costs less.
    eventually("the prompt is paid", || (cost(&engine, &session.id) >= 0.0018).then_some(()));
    session.destroy();
    let connection_closed = async { server.closed(1).await };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(connection_closed);
    // 900 tokens at $2 and some output at $10 for a million.
    let paid = eventually("the bill is final", || Some(cost(&engine, &session.id)).filter(|cost| *cost > 0.0018));
    assert!(paid < 0.0050, "{paid}");
    let usage: Value = engine.read("/api/usage");
    assert!(usage.to_string().contains("output_tokens") || usage.to_string().contains("outputTokens"), "{usage}");
}

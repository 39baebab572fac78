//! An engine that is asked to end lets what is on its way come to rest, takes in nothing new, and says so.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::{
    claude::scripted,
    stand::{Engine, eventually},
};
use crate::claude::{
    answers::{KEY, good},
    server::{Reply, Scripted},
};

/// An engine with a session that Claude is writing for.
fn writing(server: &Scripted, drain: &str, folder: &std::path::Path) -> (Engine, serde_json::Value) {
    let url = server.url();
    let settings = [("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", &url), ("SPAWNAI_DRAIN_SECONDS", drain)];
    let engine = Engine::start_in(folder, &settings);
    let told = engine.ask("a page that greets", "webapp").json();
    eventually("Claude is asked", || (server.asked() > 0).then_some(()));
    (engine, told)
}

#[test]
fn what_is_on_its_way_arrives_and_nothing_new_is_taken_in() {
    let server = scripted(|request| good(&request.nonce()).slowly(Duration::from_millis(60)));
    let folder = tempfile::tempdir().unwrap();
    let (engine, told) = writing(&server, "50", folder.path());
    let mut socket = engine.socket();
    socket.say(&json!({"type": "session_subscribe", "sessionId": told["sessionId"]}));
    assert_eq!(socket.hear()["type"], "session_update");
    engine.signal(Signal::TERM);
    eventually("it is not ready for more", || (engine.get("/ready").status == 503).then_some(()));
    let refused = engine.ask("a poll", "webapp");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (503, &json!("draining")));
    assert!(refused.header("retry-after").is_some());
    // The socket hears of the app's life, and then why it is closed.
    eventually("it comes to life", || (socket.hear()["status"] == "ready").then_some(()));
    assert_eq!(socket.closed(), 1001);
    let listens = engine.listens();
    let stopped = engine.stop(Signal::CONT);
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
    assert_eq!(server.asked(), 1);
    let settings: Vec<_> = listens.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let engine = Engine::start_in(folder.path(), &settings);
    assert_eq!(engine.session(&told).ready().page().status, 200, "the next one has it, and asks nobody again");
}

#[test]
fn a_second_signal_ends_at_once_and_the_next_engine_goes_on() {
    let (silent, folder) = (scripted(|_| Reply::silence()), tempfile::tempdir().unwrap());
    let (engine, told) = writing(&silent, "3600", folder.path());
    engine.signal(Signal::TERM);
    eventually("it is not ready for more", || (engine.get("/ready").status == 503).then_some(()));
    let stopped = engine.stop(Signal::TERM);
    assert_ne!(stopped.status.code(), None, "not by the signal itself: {}", stopped.said);
    let engine = Engine::start_in(folder.path(), &[]);
    assert_eq!(engine.session(&told).ready().page().status, 200);
}

#[test]
fn who_does_not_come_to_rest_in_time_is_left_for_the_next_engine() {
    let (silent, folder) = (scripted(|_| Reply::silence()), tempfile::tempdir().unwrap());
    let (engine, told) = writing(&silent, "1", folder.path());
    let stopped = engine.stop(Signal::TERM);
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
    let engine = Engine::start_in(folder.path(), &[]);
    assert_eq!(engine.session(&told).ready().page().status, 200);
}

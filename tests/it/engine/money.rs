//! Money for Claude's words: estimated, held back, priced by the list that is set.

use std::{
    path::Path,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    claude::{engine, scripted},
    stand::{Engine, eventually, spawnai},
};
use crate::claude::{
    answers::{KEY, app, beginning, deltas, event, good},
    server::{Reply, Scripted},
};

#[test]
fn money_is_held_for_words_until_the_app_is_live() {
    let (go_on, wait) = mpsc::channel::<()>();
    let server = scripted(move |request| {
        wait.recv().unwrap();
        good(&request.nonce())
    });
    // A session holds half a dollar while it is written, and cents when it is live.
    let engine = engine(&server, &[("SPAWNAI_USER_DAY_BUDGET_USD", "0.70")]);
    let accepted = engine.ask("a page that greets", "webapp").json();
    let estimated = accepted["estimatedCost"].as_f64().unwrap();
    assert!((0.09..0.2).contains(&estimated), "{accepted}");
    let first = engine.session(&accepted);
    let refused = engine.ask("a page that greets", "webapp");
    assert_eq!(refused.status, 402, "{}", refused.text());
    go_on.send(()).unwrap();
    let view = first.ready().show();
    let (estimated, actual) = (view["estimatedCost"].as_f64().unwrap(), view["actualCost"].as_f64().unwrap());
    assert!(actual < estimated && estimated < 0.09, "the words are known now: {view}");
    go_on.send(()).unwrap();
    engine.spawn("a page that greets", "webapp").ready();
}

fn engine_in(folder: &Path, server: &Scripted, prices: &str) -> Engine {
    let list = folder.join("prices.toml");
    std::fs::write(&list, prices).unwrap();
    let (url, list) = (server.url(), list.display().to_string());
    let settings = [
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", url.as_str()),
        ("SPAWNAI_CLAUDE_PRICES", list.as_str()),
        ("SPAWNAI_CLAUDE_MODEL", "m"),
        ("SPAWNAI_CLAUDE_SECOND_MODEL", "none"),
    ];
    Engine::start_in(folder, &settings)
}

fn prices(output: &str) -> String {
    format!(
        "as_of = \"2026-11-20\"\n[[models]]\nid = \"m\"\noutput_max = 6000\n[[models.tiers]]\ninput = 0\n\
         output = {output}\ncache_write_5m = 0\ncache_write_1h = 0\ncache_read = 0\n"
    )
}

#[test]
fn tokens_cost_what_the_price_list_says_and_answers_are_as_long_as_the_server_allows() {
    let server = Scripted::new(|request| {
        if request.line.starts_with("GET") {
            return Reply::json(200, "", r#"{"data":[{"id":"m","max_tokens":5000}],"has_more":false}"#);
        }
        good(&request.nonce())
    });
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_in(folder.path(), &server, &prices("50"));
    eventually("the models are known", || engine.said().contains("has the models").then_some(()));
    let view = engine.spawn("a page that greets", "webapp").ready().show();
    // 120 tokens at $50 for a million.
    assert!((0.006..0.05).contains(&view["actualCost"].as_f64().unwrap()), "{view}");
    let usage: Value = engine.read("/api/usage");
    assert!(usage.to_string().contains("0.006"), "{usage}");
    let asked = server.requests().into_iter().find(|request| request.line.starts_with("POST")).unwrap();
    assert_eq!(asked.body["max_tokens"], json!(5000));
}

/// An answer whose server says at its end that it had written so many tokens.
fn counted(nonce: &str, tokens: u64) -> Reply {
    let delta = json!({ "stop_reason": "end_turn", "stop_sequence": null });
    let stopping = event("message_delta", json!({ "delta": delta, "usage": { "output_tokens": tokens } }));
    Reply::stream(&(beginning() + &deltas(&app(nonce)) + &stopping + &event("message_stop", json!({}))))
}

/// More thoughts than the tokens that were asked for can hold, and no end.
fn endless_thoughts() -> Reply {
    let mut events =
        event("content_block_start", json!({ "index": 0, "content_block": { "type": "thinking", "thinking": "" } }));
    for _ in 0..200 {
        let delta = json!({ "type": "thinking_delta", "thinking": "so ".repeat(300) });
        events += &event("content_block_delta", json!({ "index": 0, "delta": delta }));
    }
    Reply::stream(&(beginning() + &events))
}

#[test]
fn a_server_that_counts_or_writes_more_than_it_was_asked_for_is_not_paid_for_that() {
    let asked = AtomicUsize::new(0);
    let server = scripted(move |request| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => counted(&request.nonce(), 1 << 62),
        _ => endless_thoughts(),
    });
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_in(folder.path(), &server, &prices("50"));
    let cost = |view: &Value| view["actualCost"].as_f64().unwrap();
    let session = engine.spawn("a page that greets", "webapp").ready();
    let view = session.show();
    // All the tokens that it might have written: 6,000 at $50 for a million.
    assert!((0.29..0.31).contains(&cost(&view)), "{view}");
    let told = engine.ask("a todo app", "webapp").json();
    let view = engine.session(&told).ready().show();
    assert!(cost(&view) < 0.31, "{view}");
    assert_eq!(view["generator"], "built-in", "{view}");
    assert_eq!(view["attempts"][0]["error"]["code"], "claude_too_much", "{view}");
    let usage = engine.read("/api/usage");
    engine.stop(Signal::TERM);
    let engine = engine_in(folder.path(), &server, &prices("50"));
    assert_eq!(engine.read("/api/usage")["byUser"], usage["byUser"], "what was counted can be counted again");
}

#[test]
fn a_price_list_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("prices.toml");
    std::fs::write(&list, prices("-1")).unwrap();
    let mut command = spawnai(folder.path());
    let ended =
        command.arg("serve").env("ANTHROPIC_API_KEY", KEY).env("SPAWNAI_CLAUDE_PRICES", &list).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    for part in ["SPAWNAI_CLAUDE_PRICES", "prices.toml", "m: output: -1 is not accepted"] {
        assert!(said.contains(part), "{said}");
    }
}

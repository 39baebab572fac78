//! Answers as the API streams them, and clients that are asked for them.

use std::time::Duration;

use serde_json::json;
use spawnai::{
    generator::{
        Runtimes,
        author::{Author, Order},
        claude::{Auth, ClaudeConfig, Client, Patience, retry},
        prompting::Wish,
    },
    types::{AppType, MicroUsd, Secret},
};

use super::server::{Reply, Scripted};

pub const KEY: &str = "sk-ant-secret-key";
pub const PROMPT: &str = "a page that greets with a secret wish";
/// Of every streamed answer's prompt.
pub const INPUT: u64 = 900;
pub const OUTPUT: u64 = 120;
/// The app that a good answer holds.
pub const SERVER: &str = "require(\"node:http\").createServer((request, response) => response.end(\"<h1>Hi</h1>\"))\n  .listen(process.env.PORT || 3000, \"0.0.0.0\");\n";

/// Impatient, so that a stall is over soon, and quick to try again.
pub fn config(server: &Scripted) -> ClaudeConfig {
    ClaudeConfig {
        base_url: server.url(),
        retries: retry::Policy {
            base: Duration::from_millis(2),
            cap: Duration::from_millis(8),
            ..retry::Policy::default()
        },
        patience: Patience {
            head: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            whole: Duration::from_secs(20),
        },
        ..ClaudeConfig::new(Auth::Key(Secret::new(KEY.to_owned())))
    }
}

pub fn client(config: ClaudeConfig) -> Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::new(config)
}

pub fn author(server: &Scripted) -> Author {
    Author::new(client(config(server)))
}

pub fn order() -> Order<'static> {
    let runtimes = Runtimes { node: true, python: true };
    let wish = Wish { prompt: PROMPT, app_type: AppType::Webapp, runtimes, internet: false };
    Order { wish, budget: MicroUsd(1_000_000), within: Duration::from_secs(60) }
}

/// One event of a stream.
pub fn event(name: &str, mut data: serde_json::Value) -> String {
    data["type"] = name.into();
    format!("event: {name}\ndata: {data}\n\n")
}

pub fn beginning() -> String {
    let usage = json!({ "input_tokens": INPUT, "output_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0 });
    let message =
        json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage });
    event("message_start", json!({ "message": message })) + "event: ping\ndata: {\"type\": \"ping\"}\n\n"
}

/// The text in pieces of a few characters, as models write.
pub fn deltas(text: &str) -> String {
    pieces(text, 9)
}

/// The text in pieces of so many characters.
pub fn pieces(text: &str, length: usize) -> String {
    let mut events =
        event("content_block_start", json!({ "index": 0, "content_block": { "type": "text", "text": "" } }));
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(length) {
        let delta = json!({ "type": "text_delta", "text": piece.iter().collect::<String>() });
        events += &event("content_block_delta", json!({ "index": 0, "delta": delta }));
    }
    events + &event("content_block_stop", json!({ "index": 0 }))
}

pub fn ending(reason: &str) -> String {
    let delta = json!({ "stop_reason": reason, "stop_sequence": null });
    let stopping = event("message_delta", json!({ "delta": delta, "usage": { "output_tokens": OUTPUT } }));
    stopping + &event("message_stop", json!({}))
}

/// A whole answer that says `text`.
pub fn saying(text: &str, reason: &str) -> Reply {
    Reply::stream(&(beginning() + &deltas(text) + &ending(reason)))
}

/// The text of a good answer.
pub fn app(nonce: &str) -> String {
    let manifest = json!({ "runtime": "node", "start": "node server.js", "port": 3000, "summary": "It greets.",
        "checks": [{ "name": "it greets", "path": "/", "status": 200, "contains": "Hi" }] });
    format!(
        "<app-{nonce}>\n{manifest}\n</app-{nonce}>\n<file-{nonce} path=\"server.js\">\n{SERVER}</file-{nonce}>\n<end-{nonce}/>\n"
    )
}

/// A good answer.
pub fn good(nonce: &str) -> Reply {
    saying(&app(nonce), "end_turn")
}

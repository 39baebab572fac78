//! What goes on at once: a sandbox that is there while Claude writes, files that lie in it before the last word, and
//! checks that come the way that visitors come.

use std::sync::mpsc;

use serde_json::{Value, json};

use super::{
    claude::{engine, scripted},
    stand::{Engine, Session, eventually},
};
use crate::{
    claude::answers::{OUTPUT, SERVER, app, saying},
    wire::{self, Answer},
};

/// One request to a name of the gateway.
fn ask(engine: &Engine, name: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let authority = format!("{name}:{}", engine.gateway.port());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers = [&[("Content-Type", "application/json")], headers].concat();
    let stream = Box::new(engine.tls(name));
    wire::answer(wire::send_over(stream, &authority, method, path, &headers, body.as_bytes()))
}

/// A request to the sandbox host's control plane.
pub fn control(engine: &Engine, method: &str, path: &str, body: &Value) -> Answer {
    let key = std::fs::read_to_string(engine.folder().join("data/host.key")).unwrap();
    ask(engine, "api.localhost", method, path, &[("X-API-Key", key.trim())], body)
}

/// The sandbox that a session holds, with its token.
fn sandbox(engine: &Engine, session: &Session<'_>) -> (String, String) {
    let id = eventually("the session holds a sandbox", || session.show()["sandboxId"].as_str().map(str::to_owned));
    let connected = control(engine, "POST", &format!("/sandboxes/{id}/connect"), &json!({ "timeout": 600 }));
    let token = connected.json()["envdAccessToken"].as_str().unwrap().to_owned();
    (id, token)
}

/// A file in a sandbox, once it is there.
fn file(engine: &Engine, (id, token): &(String, String), path: &str) -> String {
    eventually(&format!("{path} lies in the sandbox"), || {
        let path = format!("/files?username=user&path=/home/user/app/{path}");
        let answer =
            ask(engine, &format!("49983-{id}.localhost"), "GET", &path, &[("X-Access-Token", token)], &Value::Null);
        (answer.status == 200).then(|| answer.text().to_owned())
    })
}

/// The good app with other checks and another server.
fn app_of(nonce: &str, server: &str, checks: &Value) -> String {
    let manifest = json!({ "runtime": "node", "start": "node server.js", "port": 3000, "checks": checks });
    format!(
        "<app-{nonce}>\n{manifest}\n</app-{nonce}>\n<file-{nonce} path=\"server.js\">\n{server}</file-{nonce}>\n<end-{nonce}/>\n"
    )
}

#[test]
fn files_are_seen_and_lie_in_the_sandbox_while_claude_still_writes() {
    let server = scripted(|request| {
        let nonce = request.nonce();
        let more = format!("</file-{nonce}>\n<file-{nonce} path=\"notes.txt\">\nto be g");
        let text = app(&nonce).replacen(&format!("</file-{nonce}>\n<end-{nonce}/>\n"), &more, 1);
        let reply = saying(&text, "end_turn");
        // All but the end of the stream, which is shorter than that.
        let most = reply.length() - 400;
        reply.stalled(most)
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp");
    let held = sandbox(&engine, &session);
    assert_eq!(file(&engine, &held, "server.js"), SERVER);
    let view = session.show();
    assert_eq!(view["status"], "generating", "{view}");
    // Who comes late sees it from the beginning, on a WebSocket as well.
    let (mut socket, mut heard) = (engine.socket(), String::new());
    socket.say(&json!({ "type": "session_subscribe", "sessionId": session.id }));
    while heard.len() < SERVER.len() {
        let piece = socket.hear_kind("session_file");
        if piece["path"] == "server.js" {
            assert_eq!(piece["offset"].as_u64(), Some(heard.len() as u64));
            heard += piece["text"].as_str().unwrap();
        }
    }
    assert_eq!(heard, SERVER);
    let mut written = String::new();
    for event in session.events(None).filter(|event| event.kind == "session_file" && event.data["path"] == "server.js")
    {
        assert_eq!((event.id, event.data["offset"].as_u64()), (0, Some(written.len() as u64)));
        written += event.data["text"].as_str().unwrap();
        if event.data["whole"] == true {
            break;
        }
    }
    assert_eq!(written, SERVER);
    session.destroy();
    let left = control(&engine, "GET", "/v2/sandboxes", &Value::Null).json();
    assert_eq!(left, json!([]), "the sandbox was given back");
}

#[test]
fn packages_are_fetched_while_claude_still_writes_and_none_of_them_runs() {
    let server = scripted(|request| {
        let nonce = request.nonce();
        let package = format!(
            "<file-{nonce} path=\"package.json\">\n{{\"dependencies\": {{\"left-pad\": \"1.3.0\"}}}}\n</file-{nonce}>\n"
        );
        let reply = saying(&(package + &app(&nonce)), "end_turn");
        let most = reply.length() - 400;
        reply.stalled(most)
    });
    let engine = engine(&server, &[("SPAWNAI_INTERNET", "true")]);
    let session = engine.spawn("a page that pads", "webapp");
    let (id, token) = sandbox(&engine, &session);
    let name = format!("49983-{id}.localhost");
    eventually("npm installs without scripts", || {
        let list = ask(&engine, &name, "POST", "/process.Process/List", &[("X-Access-Token", &token)], &json!({}));
        list.text().contains("npm install --ignore-scripts").then_some(())
    });
    assert_eq!(session.show()["status"], "generating");
    session.destroy();
}

#[test]
fn what_an_attempt_left_in_the_sandbox_is_not_part_of_the_next_ones_app() {
    const LISTING: &str = "const http = require(\"node:http\");\nconst fs = require(\"node:fs\");\n\
        http.createServer((_, response) => response.end(fs.readdirSync(__dirname).sort().join(\" \")))\n\
        .listen(process.env.PORT || 3000, \"0.0.0.0\");\n";
    let (go_on, wait) = mpsc::channel::<()>();
    let server = scripted(move |request| {
        let nonce = request.nonce();
        if request.body["system"].to_string().contains("3 to 8 requests") {
            // Nothing in it can be started.
            let text = format!("<file-{nonce} path=\"server.js/old.txt\">\nold\n</file-{nonce}>\n<end-{nonce}/>\n");
            return saying(&text, "end_turn");
        }
        wait.recv().unwrap();
        saying(&app_of(&nonce, LISTING, &json!([{ "path": "/", "contains": "server.js" }])), "end_turn")
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that lists", "webapp");
    let held = sandbox(&engine, &session);
    assert_eq!(file(&engine, &held, "server.js/old.txt"), "old\n");
    go_on.send(()).unwrap();
    let session = session.ready();
    assert_eq!(session.page().text(), "server.js");
    let view = session.show();
    assert_eq!((&view["sandboxId"], &view["restarts"]), (&json!(held.0), &json!(0)), "{view}");
    let prompts: Vec<_> = view["attempts"].as_array().unwrap().iter().map(|one| &one["prompt"]).collect();
    assert_eq!(prompts, ["full", "simple"], "{view}");
    assert_eq!(view["attempts"][0]["error"]["code"], "claude_nothing_to_start", "{view}");
}

#[test]
fn an_app_is_proven_from_outside_before_visitors_can_see_it() {
    const ECHO: &str = "const http = require(\"node:http\");\n\
        http.createServer((request, response) => response.end(JSON.stringify(request.headers)))\n\
        .listen(process.env.PORT || 3000, \"0.0.0.0\");\n";
    let server = scripted(|request| {
        // Only the gateway says so of a request.
        let checks = json!([{ "path": "/", "json": { "x-forwarded-proto": "https" } }]);
        saying(&app_of(&request.nonce(), ECHO, &checks), "end_turn")
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that echoes", "webapp").ready();
    let seen = session.page().json();
    assert_eq!(seen["x-forwarded-host"], session.url.strip_prefix("https://").unwrap());
    assert!(!seen.to_string().contains("x-spawnai"), "{seen}");
    assert_eq!(session.show()["restarts"], 0);
}

#[test]
fn a_check_that_fails_is_mended_by_claude() {
    let server = scripted(|request| {
        let nonce = request.nonce();
        if request.last_turn().contains(r#"the JSON {"count":2} in the body"#) {
            let checks = json!([{ "path": "/", "contains": "Hi" }]);
            let manifest = json!({ "checks": checks });
            return saying(&format!("<app-{nonce}>\n{manifest}\n</app-{nonce}>\n<end-{nonce}/>\n"), "end_turn");
        }
        saying(&app_of(&nonce, SERVER, &json!([{ "path": "/", "json": { "count": 2 } }])), "end_turn")
    });
    let engine = engine(&server, &[]);
    let view = engine.spawn("a page that counts", "webapp").ready().show();
    let repair = &view["repairs"][0];
    assert_eq!((&repair["by"], &repair["failure"]["code"]), (&json!("claude"), &json!("app_check_failed")), "{view}");
    assert!(repair["tokens"].as_u64() > Some(OUTPUT), "{view}");
}

//! From Claude's last word to a live app, against the bare start of the same app.
//!
//! ```text
//!   bare     spawn `node server.js` ───────────────► asked every millisecond ──► 200
//!   engine   a scripted answer, slowly … its last byte ──► guard, upload, start, checks ──► ready is heard
//! ```
//! The sandbox is fetched and all files but the last are brought there while the answer is still being written, so what is
//! left after its last byte is little more than the start. Both take turns; what counts is the difference of the medians.

#[path = "common/bare.rs"]
mod bare;
mod common;
#[path = "common/messages.rs"]
mod messages;

use std::time::Instant;

use bare::bare;
use common::{
    engine::Engine,
    figures::{median, table, verdict},
};
use messages::Messages;
use spawnai::types::{AppFile, Artifact, Check, Origin, PORTS, Runtime};

const PAIRS: usize = 25;
/// Beyond the bare start.
const MORE_MS_MAX: f64 = 100.0;
/// The engine's default stock of sandboxes: each turn begins with it complete.
const WARM: usize = 2;

const SERVER: &str = "const http = require(\"node:http\");\nconst fs = require(\"node:fs\");\n\
    const page = fs.readFileSync(__dirname + \"/public/index.html\");\n\
    http.createServer((request, response) => response.end(page))\n  .listen(process.env.PORT || 3000, \"0.0.0.0\");\n";

fn main() {
    let messages = Messages::answering(app());
    let url = messages.url();
    let engine = Engine::start(&[
        ("ANTHROPIC_API_KEY", "sk-bench"),
        ("ANTHROPIC_BASE_URL", url.as_str()),
        ("SPAWNAI_SPAWN_PER_MINUTE", "100000"),
        ("SPAWNAI_SPAWN_BURST", "100000"),
    ]);
    let artifact = app();
    // Both once beforehand: the first start reads programs from the disk.
    bare(&artifact);
    last_token_to_live(&engine, &messages);
    let pairs: Vec<_> = (0..PAIRS).map(|_| (bare(&artifact), last_token_to_live(&engine, &messages))).collect();
    let bare = median(&pairs.iter().map(|(bare, _)| *bare).collect::<Vec<_>>());
    let live = median(&pairs.iter().map(|(_, live)| *live).collect::<Vec<_>>());
    let more = live - bare;
    println!("\nClaude's last word to a live app, medians of {PAIRS} turns each\n");
    table(&[
        row!["bare ms", "engine ms", "more ms", "limit", ""],
        row![
            format!("{bare:.1}"),
            format!("{live:.1}"),
            format!("{more:.1}"),
            format!("≤ {MORE_MS_MAX}"),
            verdict(more <= MORE_MS_MAX)
        ],
    ]);
}

/// Milliseconds from the last byte of the answer until the engine says that the app is ready, its checks included.
fn last_token_to_live(engine: &Engine, messages: &Messages) -> f64 {
    engine.until_sandboxes(WARM);
    let session = engine.spawn("webapp", "a page that greets");
    engine.until_ready(&session, |_| ());
    let ready = Instant::now();
    let last = messages.last_byte();
    engine.destroy(&session);
    ready.duration_since(last).as_secs_f64() * 1e3
}

/// A page, what it is shown with, and a server that reads it.
fn app() -> Artifact {
    let file = |path: &str, content: String| AppFile { path: path.to_owned(), content };
    let rows: String = (0..200).map(|number| format!("<li class=\"row\">Item {number}</li>\n")).collect();
    Artifact {
        files: vec![
            file(
                "public/index.html",
                format!("<!doctype html>\n<title>List</title>\n<h1>Hi</h1>\n<ul>\n{rows}</ul>\n"),
            ),
            file("public/style.css", ".row { padding: 4px; color: #333; }\n".repeat(40)),
            file("server.js", SERVER.to_owned()),
        ],
        build: None,
        start: "node server.js".to_owned(),
        port: PORTS[0],
        runtime: Runtime::Node,
        dependencies: Vec::new(),
        checks: vec![Check::get("it greets", "/", 200, Some("<h1>Hi</h1>"))],
        origin: Origin { generator: "bench".into(), template: "bench".into(), match_percent: 100, note: String::new() },
    }
}

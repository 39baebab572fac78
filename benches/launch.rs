//! Prompt to first HTTP 200, against the bare start of the same app.
//!
//! ```text
//!   bare     spawn `node server.js` ─────────────► asked every millisecond ──────────► 200
//!   engine   POST /api/spawn ─► 202 ─► events ─► ready ─► TLS handshake ─► GET / ────► 200
//! ```
//! The bare start gets the files for free: they are written before the clock starts. Both take turns, so that whatever
//! else the machine does hits both alike; what counts is the ratio of the medians.

#[path = "common/bare.rs"]
mod bare;
mod common;
#[path = "common/visit.rs"]
mod visit;

use std::time::{Duration, Instant};

use bare::bare;
use common::{
    engine::Engine,
    figures::{median, table, verdict},
};
use spawnai::{
    generator::{Request, Runtimes, generate},
    types::{AppType, Artifact, Timestamp},
};
use visit::Visitor;

const PAIRS: usize = 25;
const RATIO_MAX: f64 = 2.0;
/// The engine's default stock of sandboxes: each turn begins with it complete.
const WARM: usize = 2;

const APPS: [(&str, AppType, &str); 2] = [
    ("todo (node)", AppType::Webapp, "Build me a simple todo app"),
    ("CRUD API (python)", AppType::Api, "an API for books with title, author and year"),
];

fn main() {
    let engine = Engine::start(&[("SPAWNAI_SPAWN_PER_MINUTE", "100000"), ("SPAWNAI_SPAWN_BURST", "100000")]);
    let visitor = Visitor::trusting(&engine.file("data/ca.pem"));
    let mut rows = vec![row!["", "bare ms", "engine ms", "ratio", "limit", ""]];
    let mut steps = Vec::new();
    for (name, app_type, prompt) in APPS {
        let artifact = artifact(app_type, prompt);
        // Both once beforehand: the first start reads programs from the disk.
        bare(&artifact);
        launch(&engine, &visitor, app_type, prompt);
        let pairs: Vec<_> =
            (0..PAIRS).map(|_| (bare(&artifact), launch(&engine, &visitor, app_type, prompt))).collect();
        let bare = median(&pairs.iter().map(|(bare, _)| *bare).collect::<Vec<_>>());
        let whole = median(&pairs.iter().map(|(_, launch)| launch.live).collect::<Vec<_>>());
        let ratio = whole / bare;
        let limit = format!("≤ {RATIO_MAX}");
        rows.push(row![
            name,
            format!("{bare:.1}"),
            format!("{whole:.1}"),
            format!("{ratio:.2}"),
            limit,
            verdict(ratio <= RATIO_MAX)
        ]);
        steps.push((name, pairs.into_iter().map(|(_, launch)| launch).collect::<Vec<_>>()));
    }
    println!("\nprompt to first HTTP 200, medians of {PAIRS} turns each\n");
    table(&rows);
    for (name, launches) in &steps {
        println!("{name}: when each step was reached, in ms from the prompt\n");
        breakdown(launches);
    }
}

fn artifact(app_type: AppType, prompt: &str) -> Artifact {
    let request = Request { prompt: prompt.to_owned(), app_type, title: None };
    generate(&request, &Runtimes { node: true, python: true }).expect("a built-in app")
}

/// One way from a prompt to a page. Times are milliseconds since the prompt was sent.
struct Launch {
    accepted: f64,
    ready: f64,
    live: f64,
    /// The phases in their order, by the engine's own clock.
    phases: Vec<(String, Timestamp)>,
}

fn launch(engine: &Engine, visitor: &Visitor, app_type: AppType, prompt: &str) -> Launch {
    engine.until_sandboxes(WARM);
    let began = Instant::now();
    let session = engine.spawn(app_type.as_str(), prompt);
    let accepted = millis(began.elapsed());
    let mut phases = Vec::new();
    engine.until_ready(&session, |event| {
        let at = serde_json::from_value(event["at"].clone()).expect("an event's time");
        phases.push((event["phase"].as_str().unwrap_or_default().to_owned(), at));
    });
    let ready = millis(began.elapsed());
    let (status, _) = visitor.get(&session.address);
    let live = millis(began.elapsed());
    assert_eq!(status, 200, "{}", session.address);
    engine.destroy(&session);
    Launch { accepted, ready, live, phases }
}

/// The engine's own times are whole milliseconds, and begin with its first event: those are put after the answer 202.
fn breakdown(launches: &[Launch]) {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in launches.iter().flat_map(|launch| &launch.phases) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let of = |time: &dyn Fn(&Launch) -> Option<f64>| median(&launches.iter().filter_map(time).collect::<Vec<_>>());
    let mut rows = vec![row!["accepted (202)", format!("{:.1}", of(&|launch| Some(launch.accepted)))]];
    for name in names {
        let since = of(&|launch| {
            let (_, first) = launch.phases.first()?;
            let (_, at) = launch.phases.iter().find(|(phase, _)| phase == name)?;
            Some(at.millis_since(*first) as f64)
        });
        rows.push(row![name, format!("+{since:.0}")]);
    }
    rows.push(row!["ready is heard", format!("{:.1}", of(&|launch| Some(launch.ready)))]);
    rows.push(row!["first 200", format!("{:.1}", of(&|launch| Some(launch.live)))]);
    table(&rows);
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

//! What the engine itself holds: idle, with 100 ready sessions, and when they are over.
//!
//! Sandboxes are processes of their own and not counted; they are bounded by what each is given. Besides bytes, what a
//! process can leak is counted: threads, descriptors, sandboxes.

mod common;
#[path = "common/visit.rs"]
mod visit;

use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

use common::{
    engine::Engine,
    figures::{median, table, verdict},
};
use visit::Visitor;

const SESSIONS: usize = 100;
const IDLE_MAX_MB: f64 = 40.0;
const BUSY_MAX_MB: f64 = 120.0;
const WARM: usize = 2;
/// Spawned before the first of them is waited for.
const BURST: usize = 10;
/// For threads that are not needed any more to end, and for what was freed to settle: longer than tokio keeps an idle
/// blocking thread (10 s).
const SETTLE: Duration = Duration::from_secs(12);

const WISHES: [(&str, &str); 6] = [
    ("webapp", "Build me a simple todo app"),
    ("api", "an API for books with title, author and year"),
    ("script", "prime sieve up to 10000"),
    ("webapp", "a chat room for my team"),
    ("api", "a URL shortener"),
    ("script", "word frequency of a text"),
];

fn main() {
    let raised = [("SPAWNAI_PLAN", "pro"), ("SPAWNAI_SPAWN_PER_MINUTE", "100000"), ("SPAWNAI_SPAWN_BURST", "100000")];
    let engine = Engine::start(&raised);
    engine.until_sandboxes(WARM);
    sleep(Duration::from_secs(2));
    let idle = Held::by(&engine);

    // What is opened at first use and then kept, such as connections to the store, is no leak.
    let visitor = Visitor::trusting(&engine.file("data/ca.pem"));
    let first = engine.spawn("webapp", "Build me a simple todo app");
    engine.until_ready(&first, |_| ());
    assert_eq!(visitor.get(&first.address).0, 200, "{}", first.address);
    engine.destroy(&first);
    engine.until_sandboxes(WARM);
    sleep(SETTLE);
    let used_once = Held::by(&engine);

    let (mut sessions, mut times) = (Vec::new(), Vec::new());
    let wishes: Vec<_> = (0..SESSIONS).map(|number| WISHES[number % WISHES.len()]).collect();
    for burst in wishes.chunks(BURST) {
        let began = Instant::now();
        let asked: Vec<_> = burst.iter().map(|(app_type, prompt)| engine.spawn(app_type, prompt)).collect();
        for session in &asked {
            engine.until_ready(session, |_| ());
            times.push(began.elapsed().as_secs_f64() * 1e3);
            assert_eq!(visitor.get(&session.address).0, 200, "{}", session.address);
        }
        sessions.extend(asked);
    }
    engine.until_sandboxes(SESSIONS + WARM);
    let busy_now = Held::by(&engine);
    sleep(SETTLE);
    let busy = Held::by(&engine);

    for session in &sessions {
        engine.destroy(session);
    }
    engine.until_sandboxes(WARM);
    sleep(SETTLE);
    let after = Held::by(&engine);

    println!("\nwhat the engine's own process holds; MB are 10⁶ bytes\n");
    let mut rows =
        vec![row!["", "resident MB", "PSS MB", "private MB", "threads", "descriptors", "sandboxes", "limit", ""]];
    rows.push(idle.row("idle", Some(IDLE_MAX_MB)));
    rows.push(used_once.row("after a first session", Some(IDLE_MAX_MB)));
    rows.push(busy_now.row(&format!("{SESSIONS} sessions, just ready"), Some(BUSY_MAX_MB)));
    rows.push(busy.row(&format!("{SESSIONS} sessions, {} s later", SETTLE.as_secs()), Some(BUSY_MAX_MB)));
    rows.push(after.row("all destroyed", None));
    table(&rows);
    let back = after.sandboxes == idle.sandboxes && after.descriptors <= used_once.descriptors;
    println!("  sandboxes and descriptors are back to what they were after the first session: {}", verdict(back));
    println!("  ready after {:.0} ms in the median, {BURST} sessions being asked for at once\n", median(&times));
}

struct Held {
    resident_mb: f64,
    proportional_mb: f64,
    private_mb: f64,
    threads: usize,
    descriptors: usize,
    sandboxes: usize,
}

impl Held {
    fn by(engine: &Engine) -> Self {
        let pid = engine.pid();
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("a process's memory");
        let megabytes = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.strip_suffix("kB"));
            line.and_then(|kib| kib.trim().parse::<f64>().ok()).expect("a sum of memory") * 1024.0 / 1e6
        };
        let entries = |folder: &str| fs::read_dir(format!("/proc/{pid}/{folder}")).expect("a process's folder").count();
        Self {
            resident_mb: megabytes("Rss"),
            proportional_mb: megabytes("Pss"),
            private_mb: megabytes("Private_Dirty") + megabytes("Private_Clean"),
            threads: entries("task"),
            descriptors: entries("fd"),
            sandboxes: engine.children(),
        }
    }

    fn row(&self, name: &str, limit_mb: Option<f64>) -> Vec<String> {
        let (limit, holds) = match limit_mb {
            Some(limit) => (format!("< {limit} MB"), verdict(self.resident_mb < limit)),
            None => (String::new(), ""),
        };
        row![
            name,
            format!("{:.1}", self.resident_mb),
            format!("{:.1}", self.proportional_mb),
            format!("{:.1}", self.private_mb),
            self.threads,
            self.descriptors,
            self.sandboxes,
            limit,
            holds
        ]
    }
}

//! What survives: a hundred apps a `kill -9`, and the engine's own memory two thousand sessions.
//!
//! `cargo bench --bench survival -- restart` and `-- soak [SESSIONS]`; without a word, both.

mod common;
#[path = "common/visit.rs"]
mod visit;

use std::{
    fs,
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use common::{
    engine::{Engine, Session},
    figures::{median, table, verdict},
};
use visit::Visitor;

const APPS: usize = 100;
const BACK_MAX: Duration = Duration::from_secs(10);
const SESSIONS: usize = 2000;
/// Sessions that are open at once.
const AT_ONCE: usize = 8;
/// How far memory may drift from the first quarter to the last.
const DRIFT_MAX: f64 = 0.05;
/// Longer than an idle thread or connection is kept.
const SETTLE: Duration = Duration::from_secs(12);
/// Looks at what is held at the end, over as long again.
const BACK_LOOKS: u32 = 12;
const WISHES: [(&str, &str); 3] = [
    ("webapp", "Build me a simple todo app"),
    ("api", "an API for books with title, author and year"),
    ("webapp", "a chat room for my team"),
];
const RAISED: [(&str, &str); 3] =
    [("SPAWNAI_PLAN", "pro"), ("SPAWNAI_SPAWN_PER_MINUTE", "100000"), ("SPAWNAI_SPAWN_BURST", "100000")];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let part = words.first().map(String::as_str);
    if part.is_none_or(|part| part == "restart") {
        restart();
    }
    if part.is_none_or(|part| part == "soak") {
        soak(words.get(1).and_then(|count| count.parse().ok()).unwrap_or(SESSIONS));
    }
}

fn wish(engine: &Engine, number: usize) -> Session {
    let (app_type, prompt) = WISHES[number % WISHES.len()];
    engine.spawn(app_type, prompt)
}

/// All apps live; the engine is killed; all answer again at their addresses.
fn restart() {
    // Apps keep their addresses only where the gateway keeps its port.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").to_string();
    let settings = [RAISED.as_slice(), &[("SPAWNAI_GATEWAY_LISTEN", port.as_str())]].concat();
    let engine = Engine::start(&settings);
    let apps: Vec<_> = (0..APPS).map(|number| wish(&engine, number)).collect();
    let visitor = Visitor::trusting(&engine.file("data/ca.pem"));
    for app in &apps {
        engine.until_ready(app, |_| ());
        assert_eq!(visitor.get(&app.address).0, 200);
    }
    let killed = Instant::now();
    let engine = engine.kill_and_start(&settings);
    let serves = killed.elapsed();
    let (mut times, mut waiting) = (Vec::new(), apps);
    while !waiting.is_empty() {
        assert!(killed.elapsed() < BACK_MAX * 10, "{} of them do not come back", waiting.len());
        // One question for all of them: who asks each app all the time takes the processors from their start.
        let ready = engine.ready();
        waiting.retain(|app| {
            let answers = ready.contains(&app.id) && visitor.get(&app.address).0 == 200;
            if answers {
                times.push(killed.elapsed().as_secs_f64());
            }
            !answers
        });
        thread::sleep(Duration::from_millis(20));
    }
    let all = killed.elapsed();
    println!("\nafter `kill -9` of an engine with {APPS} ready sessions\n");
    table(&[
        row!["", "s after the kill", "limit", ""],
        row!["the next engine serves", format!("{:.2}", serves.as_secs_f64()), "", ""],
        row!["half of the apps answer", format!("{:.2}", median(&times)), "", ""],
        row![
            "all apps answer",
            format!("{:.2}", all.as_secs_f64()),
            format!("{:.0}", BACK_MAX.as_secs_f64()),
            verdict(all <= BACK_MAX)
        ],
    ]);
    drop(engine);
}

/// Sessions come, are visited and go.
fn soak(sessions: usize) {
    let engine = Engine::start(&RAISED);
    let visitor = Visitor::trusting(&engine.file("data/ca.pem"));
    let round = |from: usize, count: usize| {
        let apps: Vec<_> = (from..from + count).map(|number| wish(&engine, number)).collect();
        for app in &apps {
            engine.until_ready(app, |_| ());
            assert_eq!(visitor.get(&app.address).0, 200);
        }
        for app in &apps {
            engine.destroy(app);
        }
    };
    // What is made at first use and then kept is no leak.
    round(0, AT_ONCE);
    engine.until_sandboxes(2);
    thread::sleep(SETTLE);
    let before = Held::by(&engine);
    let (mut samples, began) = (Vec::new(), Instant::now());
    for from in (0..sessions).step_by(AT_ONCE) {
        round(from, AT_ONCE.min(sessions - from));
        samples.push(Held::by(&engine).private_mb);
    }
    let took = began.elapsed();
    engine.until_sandboxes(2);
    thread::sleep(SETTLE);
    // An engine at rest still asks its host now and then, and keeps that connection for some seconds.
    let looks = (0..BACK_LOOKS).map(|_| {
        thread::sleep(SETTLE / BACK_LOOKS);
        Held::by(&engine)
    });
    let after = looks.min_by_key(|held| held.descriptors).expect("at least one look");
    let quarter = samples.len().div_ceil(4).max(1);
    let (first, last) = (median(&samples[..quarter]), median(&samples[samples.len() - quarter..]));
    let drift = last / first - 1.0;
    println!(
        "\n{sessions} sessions created, visited and destroyed, {AT_ONCE} at once, in {:.0} s\n",
        took.as_secs_f64()
    );
    table(&[
        row!["the engine's own", "before", "first quarter", "last quarter", "after", "limit", ""],
        row![
            "private MB",
            format!("{:.1}", before.private_mb),
            format!("{first:.1}"),
            format!("{last:.1}"),
            format!("{:.1}", after.private_mb),
            format!("± {:.0} %", DRIFT_MAX * 100.0),
            format!("{:+.1} % {}", drift * 100.0, verdict(drift.abs() <= DRIFT_MAX))
        ],
        row![
            "descriptors",
            before.descriptors,
            "",
            "",
            after.descriptors,
            "as before",
            verdict(after.descriptors <= before.descriptors)
        ],
        row![
            "processes",
            before.processes,
            "",
            "",
            after.processes,
            "as before",
            verdict(after.processes == before.processes)
        ],
    ]);
}

struct Held {
    private_mb: f64,
    descriptors: usize,
    processes: usize,
}

impl Held {
    fn by(engine: &Engine) -> Self {
        let pid = engine.pid();
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("a process's memory");
        let kib = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.strip_suffix("kB"));
            line.and_then(|kib| kib.trim().parse::<f64>().ok()).expect("a sum of memory")
        };
        Self {
            private_mb: (kib("Private_Dirty") + kib("Private_Clean")) * 1024.0 / 1e6,
            descriptors: fs::read_dir(format!("/proc/{pid}/fd")).expect("descriptors").count(),
            processes: engine.children(),
        }
    }
}

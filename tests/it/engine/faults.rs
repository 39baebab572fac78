//! Many sessions while the Messages API fails three calls in ten, in every way that it can.
//!
//! `SESSIONS=500 cargo test --test it engine::faults -- --nocapture` runs as many and prints what became of them; `SEED` tells
//! which faults come. Without, some tens are run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    claude::{engine, scripted},
    stand::Engine,
};
use crate::claude::{
    answers::{INPUT, OUTPUT, app, beginning, deltas, ending, event, good, saying},
    server::{Reply, Request},
};

const SESSIONS: usize = 40;
const AT_ONCE: usize = 16;
/// Longer than the most patient session: one that takes longer hangs.
const SESSION_MAX: Duration = Duration::from_secs(400);
const READY_MIN: f64 = 99.0;
/// Of ten calls.
const FAILING: u64 = 3;
/// Tokens that an answer of the size of ours is estimated at, at most.
const ESTIMATE_MAX: u64 = 400;

/// A small generator of its own, so that a seed tells which faults come.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// What the server has done, and what it would send a bill for.
#[derive(Default)]
struct Book {
    faults: BTreeMap<&'static str, usize>,
    /// By session: answers whose beginning was sent, and those that were sent whole.
    begun: BTreeMap<String, u64>,
    whole: BTreeMap<String, u64>,
}

/// How a call goes: its name, the reply, and whether the answer begins and whether it is whole.
fn call(chance: &mut Chance, nonce: &str, rest: bool) -> (&'static str, Reply, bool, bool) {
    let right = if rest { saying(&app(nonce), "end_turn") } else { good(nonce) };
    if chance.below(10) >= FAILING {
        return ("none", right, true, true);
    }
    // From behind the first event on, so that both sides know that it has begun.
    let head = Reply::stream(&beginning()).length();
    let error = |kind: &str| event("error", json!({ "error": { "type": kind, "message": "scripted" } }));
    let half = beginning() + &deltas(&app(nonce)[..200]);
    let spend = r#"{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
    let at = |chance: &mut Chance, reply: &Reply| {
        head + usize::try_from(chance.below((reply.length() - head) as u64)).unwrap()
    };
    match chance.below(18) {
        0 => ("429 retry-after-ms", Reply::error(429, "retry-after-ms: 20\r\n", "rate_limit_error"), false, false),
        1 => ("429 retry-after", Reply::error(429, "retry-after: 1\r\n", "rate_limit_error"), false, false),
        2 => {
            let past = "retry-after: Tue, 14 Nov 2023 22:13:20 GMT\r\n";
            ("429 retry-after a date", Reply::error(429, past, "rate_limit_error"), false, false)
        }
        3 => ("429", Reply::error(429, "", "rate_limit_error"), false, false),
        4 => ("429 spend limit", Reply::json(429, "", spend), false, false),
        5 => ("500", Reply::error(500, "", "api_error"), false, false),
        6 => ("529", Reply::error(529, "", "overloaded_error"), false, false),
        7 => ("connection closed", Reply::raw(b""), false, false),
        8 => {
            let at = at(chance, &right);
            ("cut", right.cut(at), true, false)
        }
        9 => ("error in mid-stream", Reply::stream(&(half + &error("overloaded_error"))), true, false),
        10 => {
            let at = at(chance, &right);
            ("stall", right.stalled(at), true, false)
        }
        11 => ("slow drip", right.slowly(Duration::from_millis(20)), true, true),
        12 => ("refusal", saying("", "refusal"), true, true),
        13 => {
            let file = app(nonce);
            let cut = file.find("createServer").unwrap_or_default();
            ("max_tokens in mid-file", saying(&file[..cut], "max_tokens"), true, true)
        }
        14 => ("malformed SSE", Reply::stream(&(half + "event: content_block_delta\ndata: {oops\n\n")), true, false),
        15 => {
            let odd = "event: brand_new\ndata: not JSON\n\n: remark\n\nretry: 10\n\n";
            let text = beginning() + odd + &deltas(&app(nonce)) + odd + &ending("end_turn");
            ("unknown events", Reply::stream(&text), true, true)
        }
        16 => ("wrong content type", Reply::new(200, "content-type: text/html\r\n", "<html>Log in"), false, false),
        _ => ("502 page", Reply::new(502, "content-type: text/html\r\n", "<html>Bad gateway"), false, false),
    }
}

fn reply(chance: &mut Chance, book: &Mutex<Book>, request: &Request) -> Reply {
    let turn = request.body["messages"][0]["content"].as_str().unwrap_or_default();
    let session = turn.split("number ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    let rest = request.last_turn().contains("cut off");
    let (fault, reply, begun, whole) = call(chance, &request.nonce(), rest);
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    *book.faults.entry(fault).or_default() += 1;
    *book.begun.entry(session.to_owned()).or_default() += u64::from(begun);
    *book.whole.entry(session.to_owned()).or_default() += u64::from(whole);
    reply
}

/// What a session came to.
struct Fate {
    number: usize,
    view: Value,
    took: Duration,
}

fn live_through(engine: &Engine, number: usize) -> Fate {
    let began = Instant::now();
    let session = engine.spawn(&format!("a page that greets number {number} ."), "webapp");
    let view = loop {
        let view = session.show();
        let is_over = ["ready", "error", "expired"].iter().any(|status| view["status"] == *status);
        if is_over || began.elapsed() > SESSION_MAX {
            break view;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let took = began.elapsed();
    session.destroy();
    Fate { number, view: json!({ "before": view, "after": session.show() }), took }
}

fn tokens(view: &Value, kind: &str) -> u64 {
    view["after"]["tokens"][kind].as_u64().unwrap_or_default()
}

#[test]
fn sessions_live_though_three_calls_in_ten_fail_and_none_is_charged_twice() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (sessions, seed) = (usize::try_from(number("SESSIONS", SESSIONS as u64)).unwrap(), number("SEED", 20_261_123));
    println!("seed {seed}, {sessions} sessions");
    let book: Arc<Mutex<Book>> = Arc::default();
    let (mut chance, kept) = (Chance(seed), book.clone());
    let server = scripted(move |request| reply(&mut chance, &kept, request));
    let settings = [
        ("SPAWNAI_USER_DAY_BUDGET_USD", "100000"),
        ("SPAWNAI_TOTAL_DAY_BUDGET_USD", "100000"),
        ("SPAWNAI_SPAWN_PER_MINUTE", "100000"),
        ("SPAWNAI_SPAWN_BURST", "1000"),
    ];
    let engine = engine(&server, &settings);
    let (next, fates) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(sessions) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= sessions {
                        return;
                    }
                    let fate = live_through(&engine, number);
                    fates.lock().unwrap_or_else(PoisonError::into_inner).push(fate);
                }
            });
        }
    });
    let fates = fates.into_inner().unwrap_or_else(PoisonError::into_inner);
    let book = book.lock().unwrap_or_else(PoisonError::into_inner);
    let ready = fates.iter().filter(|fate| fate.view["before"]["status"] == "ready").count();
    let by_claude = fates.iter().filter(|fate| fate.view["after"]["generator"] == "claude").count();
    let longest = fates.iter().map(|fate| fate.took).max().unwrap_or_default();
    println!("{ready} of {sessions} ready, {by_claude} written by Claude, the longest took {longest:?}");
    for (fault, times) in &book.faults {
        println!("{times:>6}  {fault}");
    }
    let (mut mischarged, mut not_ready) = (Vec::new(), Vec::new());
    for Fate { number, view, .. } in &fates {
        let name = number.to_string();
        let (begun, whole) = (book.begun.get(&name).copied().unwrap_or(0), book.whole.get(&name).copied().unwrap_or(0));
        let (input, output) = (tokens(view, "input"), tokens(view, "output"));
        // What was cut is estimated from what came of it: never more than a whole answer, which is told.
        let most = whole * OUTPUT + (begun - whole) * ESTIMATE_MAX;
        if input != begun * INPUT || output < whole * OUTPUT || output > most {
            mischarged.push(format!("{number}: {begun} begun, {whole} whole, billed {input} and {output} tokens"));
        }
        if view["before"]["status"] != "ready" {
            not_ready.push(format!("{number}: {} {}", view["before"]["status"], view["before"]["error"]["message"]));
        }
    }
    println!("{}", not_ready.join("\n"));
    assert_eq!(mischarged, [""; 0]);
    let in_ledger = sum(&engine.read("/api/usage"), "input_tokens");
    assert_eq!(in_ledger, book.begun.values().sum::<u64>() * INPUT, "the ledger's rows are what the server counted");
    assert!(fates.iter().all(|fate| fate.took < SESSION_MAX), "one hangs");
    assert!(ready as f64 * 100.0 >= READY_MIN * sessions as f64, "{ready} of {sessions}: {not_ready:?}");
}

/// The quantity of a kind over all users.
fn sum(usage: &Value, kind: &str) -> u64 {
    let users = usage["users"].as_array().cloned().unwrap_or_default();
    let kinds = users.iter().flat_map(|user| user["kinds"].as_array().cloned().unwrap_or_default());
    kinds.filter(|one| one["kind"] == kind).filter_map(|one| one["quantity"].as_u64()).sum()
}

//! The fixtures through the engine.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::{
    fixture::{self, Answer},
    model::{Help, Mended, reply, wish},
    table::{Fate, Table},
};
use crate::engine::{
    claude::{engine, scripted},
    stand::Engine,
};

/// Of all of them, as issue and README promise.
const LIVE_MIN: f64 = 95.0;
const FREE_MIN: f64 = 60.0;
const ANSWERS_MIN: usize = 60;
const FLAWS_MIN: usize = 100;
/// Sessions at once.
const AT_ONCE: usize = 10;
/// Run when nothing else is asked for: a few of each kind of mending.
const FEW: [&str; 8] = [
    "counter",
    "inventory",
    "counter-fenced",
    "todo-index-js",
    "notes-uuid",
    "quotes-require",
    "guestbook-loopback",
    "counter-cut",
];

/// One answer, from the wish to its end.
fn fate(engine: &Engine, mended: &Mended, answer: &Answer) -> Fate {
    let session = engine.spawn(&wish(answer), &answer.app_type);
    let mut events = session.events(None);
    let ended = ["ready", "error", "expired"];
    // The stream ends by itself when the session is over.
    events.find(|event| event.data["status"].as_str().is_some_and(|status| ended.contains(&status)));
    let view = session.show();
    let live = view["status"] == "ready";
    if live {
        session.destroy();
    }
    let repairs = view["repairs"].as_array().cloned().unwrap_or_default();
    let told = |repair: &Value| repair["did"].as_str().unwrap_or_default().to_owned();
    let note = view["note"].as_str().unwrap_or_default();
    let polished = note.split("Mended without asking again: ").nth(1).map(str::to_owned);
    let rules = polished.into_iter().chain(repairs.iter().filter(|repair| repair["by"] == "rule").map(told)).collect();
    Fate {
        live,
        by_model: mended.of(&answer.name),
        rules,
        tokens: repairs.iter().filter_map(|repair| repair["tokens"].as_u64()).sum(),
        why: view["errorMessage"].as_str().unwrap_or_default().to_owned(),
        answer: answer.clone(),
    }
}

fn run(answers: &[Answer], help: Help) -> Table {
    let mended = Mended::default();
    // All of them: the model knows the right answer to each wrong one, whether it is run or not.
    let (all, undone) = (fixture::all(), mended.clone());
    let server = scripted(move |request| reply(&all, help, &undone, request));
    let settings = [
        ("SPAWNAI_CLAUDE_FALLBACK", "none"),
        ("SPAWNAI_CLAUDE_SECOND_MODEL", "none"),
        ("SPAWNAI_USER_DAY_BUDGET_USD", "100000"),
        ("SPAWNAI_TOTAL_DAY_BUDGET_USD", "100000"),
        ("SPAWNAI_SPAWN_PER_MINUTE", "100000"),
        ("SPAWNAI_SPAWN_BURST", "1000"),
    ];
    let engine = engine(&server, &settings);
    let (waiting, fates) = (Mutex::new(answers.iter()), Arc::new(Mutex::new(Vec::new())));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(answers.len()) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(answer) = next else { return };
                    let fate = fate(&engine, &mended, answer);
                    fates.lock().unwrap_or_else(PoisonError::into_inner).push(fate);
                }
            });
        }
    });
    let mut fates = std::mem::take(&mut *fates.lock().unwrap_or_else(PoisonError::into_inner));
    fates.sort_by(|one, other| one.answer.name.cmp(&other.answer.name));
    Table::of(fates)
}

#[test]
fn flawed_answers_become_live_apps() {
    let all = fixture::all();
    let flawed = all.iter().filter(|answer| !answer.flaws.is_empty());
    assert!(
        flawed.clone().count() >= ANSWERS_MIN && flawed.map(|answer| answer.flaws.len()).sum::<usize>() >= FLAWS_MIN
    );
    let asked = std::env::var("ANSWERS").unwrap_or_default();
    let is_wanted = |answer: &&Answer| match asked.as_str() {
        "all" => true,
        "" => FEW.contains(&answer.name.as_str()),
        names => names.split(',').any(|name| match name.strip_suffix('*') {
            Some(beginning) => answer.name.starts_with(beginning),
            None => name == answer.name,
        }),
    };
    let help = match std::env::var("ANSWERS_MODEL").as_deref() {
        Ok("all") => Help::All,
        Ok(_) | Err(_) => Help::Marked,
    };
    let table = run(&all.iter().filter(is_wanted).cloned().collect::<Vec<_>>(), help);
    println!("{table}");
    assert_eq!(table.right_ones_that_were_touched(), [""; 0]);
    assert!(table.live() >= LIVE_MIN && table.free() >= FREE_MIN, "{table}");
}

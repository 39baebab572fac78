//! What happens when, from the wish to the address, and what a repair looks like to who reads along. Each test prints what
//! it has seen: `cargo test --test it engine::timeline -- --nocapture`.

use std::time::Duration;

use spawnai::types::Timestamp;

use super::{
    claude::{engine, scripted},
    stand::{Engine, Event, eventually},
};
use crate::claude::{
    answers::{OUTPUT, SERVER, app, good, saying},
    server::Reply,
};

/// Between two pieces of the answer: as a model writes, so that the sandbox is there long before the last word.
const PAUSE: Duration = Duration::from_millis(8);

fn at(event: &Event) -> Timestamp {
    serde_json::from_value(event.data["at"].clone()).unwrap()
}

/// The first frame of a phase.
fn of_phase<'a>(events: &'a [Event], phase: &str) -> &'a Event {
    let found = events.iter().find(|event| event.data["phase"] == phase);
    found.unwrap_or_else(|| panic!("no {phase} in {events:?}"))
}

/// All frames of a session until it is live, and when its sandbox was seen by who asked again and again.
fn watched(engine: &Engine, prompt: &str) -> (Timestamp, Timestamp, Vec<Event>) {
    let session = engine.spawn(prompt, "webapp");
    let accepted = serde_json::from_value(session.show()["createdAt"].clone()).unwrap();
    std::thread::scope(|scope| {
        let events = scope.spawn(|| {
            let mut events = Vec::new();
            for event in session.events(None) {
                let status = event.data["status"].as_str().unwrap_or_default().to_owned();
                events.push(event);
                if ["ready", "error"].contains(&status.as_str()) {
                    break;
                }
            }
            events
        });
        eventually("the session holds a sandbox", || session.show()["sandboxId"].as_str().map(drop));
        let acquired = Timestamp::now();
        (accepted, acquired, events.join().unwrap())
    })
}

#[test]
fn one_session_from_the_wish_to_the_address() {
    let server = scripted(|request| good(&request.nonce()).slowly(PAUSE));
    let engine = engine(&server, &[]);
    let (accepted, acquired, events) = watched(&engine, "a page that greets");
    let of_files: Vec<_> = events.iter().filter(|event| event.kind == "session_file").collect();
    let (first, last) = (of_files.first().unwrap(), of_files.last().unwrap());
    assert_eq!(last.data["whole"], true);
    let rows = [
        ("accepted", accepted),
        ("sandbox acquired", acquired),
        ("first token of a file", at(first)),
        ("last token of a file", at(last)),
        ("answer whole, guard reads", at(of_phase(&events, "inspecting"))),
        ("files uploaded, app starting", at(of_phase(&events, "starting"))),
        ("port answers, checks begin", at(of_phase(&events, "checking"))),
        ("checks passed: ready", at(of_phase(&events, "live"))),
    ];
    println!("{:32} {:>8}", "", "ms");
    for (what, when) in &rows {
        println!("{what:32} {:>8}", when.millis_since(accepted));
    }
    // The order that the pipeline promises; the sandbox comes while the model writes.
    let when = |what: &str| rows.iter().find(|(row, _)| row.starts_with(what)).unwrap().1;
    assert!(when("sandbox") <= when("last token"), "{rows:?}");
    assert!(rows[2..].is_sorted_by_key(|(_, when)| *when), "{rows:?}");
}

/// What was said of the one session: its events, and the engine's log.
fn transcript(engine: &Engine, title: &str, events: &[Event]) -> String {
    let told = events.iter().filter(|event| event.kind != "session_file").map(|event| {
        let text = |name: &str| event.data[name].as_str().unwrap_or_default();
        format!("{:16} {:12} {}\n", event.kind, text("phase"), text("message"))
    });
    let said = engine.said();
    let log = said.lines().filter(|line| line.contains("session{") || line.contains("Claude"));
    let text = format!(
        "{title}\n{}log\n{}",
        told.collect::<String>(),
        log.map(|line| format!("{line}\n")).collect::<String>()
    );
    println!("{text}");
    text
}

#[test]
fn a_repair_at_zero_tokens_can_be_read_along() {
    let server = scripted(|request| {
        let broken = SERVER.replace("require(\"node:http\")", "http");
        saying(&app(&request.nonce()).replace(SERVER, &broken), "end_turn")
    });
    let engine = engine(&server, &[]);
    let (_, _, events) = watched(&engine, "a page that greets");
    let text = transcript(&engine, "a repair at zero tokens", &events);
    assert!(text.contains("ReferenceError: http is not defined") || text.contains("imported a module"), "{text}");
    assert_eq!(server.asked(), 1);
}

#[test]
fn a_repair_by_the_model_can_be_read_along() {
    let reply = |nonce: &str, is_asked_to_mend: bool| -> Reply {
        if is_asked_to_mend {
            let file = format!("<file-{nonce} path=\"server.js\">\n{SERVER}</file-{nonce}><end-{nonce}/>");
            return saying(&file, "end_turn");
        }
        saying(&app(nonce).replace(SERVER, &format!("greeting();\n{SERVER}")), "end_turn")
    };
    let server =
        scripted(move |request| reply(&request.nonce(), request.last_turn().contains("greeting is not defined")));
    let engine = engine(&server, &[]);
    let (_, _, events) = watched(&engine, "a page that greets");
    let text = transcript(&engine, "a repair by the model", &events);
    assert!(text.contains("Claude mended") || text.contains("mended"), "{text}");
    assert!(server.asked() == 2 && OUTPUT > 0);
}

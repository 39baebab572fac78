//! What happens when, from the wish to the address, and what a repair looks like to who reads along. Each test prints what
//! it has seen: `cargo test --test it engine::timeline -- --nocapture`.

use std::time::Duration;

use serde_json::Value;
use spawnai::types::Timestamp;

use super::{
    claude::{engine, scripted},
    stand::{Engine, Event, eventually},
};
use crate::claude::{
    answers::{SERVER, app, saying},
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

/// When a session was accepted, when its sandbox was seen by who asked again and again, all its frames until it was live,
/// and its page.
fn watched(engine: &Engine, prompt: &str) -> (Timestamp, Timestamp, Vec<Event>, String) {
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
        let events = events.join().unwrap();
        (accepted, acquired, events, session.page().text().to_owned())
    })
}

/// Says when it began, when it listened, and when it was asked, in milliseconds of the clock that all share.
const CLOCK: &str = "const began = Date.now(), asked = [];\nlet listens = 0;\n\
    require(\"node:http\").createServer((request, response) => {\n  asked.push(Date.now());\n\
      response.end(\"<h1>Hi</h1>\\n\" + JSON.stringify({ began, listens, asked }));\n\
    }).listen(process.env.PORT || 3000, \"0.0.0.0\", () => { listens = Date.now(); });\n";

#[test]
fn one_session_from_the_wish_to_the_address() {
    let server = scripted(|request| saying(&app(&request.nonce()).replace(SERVER, CLOCK), "end_turn").slowly(PAUSE));
    let engine = engine(&server, &[]);
    let (accepted, acquired, events, page) = watched(&engine, "a page that greets");
    let told: Value = serde_json::from_str(page.lines().nth(1).unwrap()).unwrap();
    let in_app = |what: &Value| Timestamp(what.as_i64().unwrap());
    let of_files: Vec<_> = events.iter().filter(|event| event.kind == "session_file").collect();
    let (first, last) = (of_files.first().unwrap(), of_files.last().unwrap());
    assert_eq!(last.data["whole"], true);
    let rows = [
        ("accepted", accepted),
        ("sandbox acquired", acquired),
        ("first token of a file", at(first)),
        ("last token of a file", at(last)),
        ("answer whole and read by the guard", at(of_phase(&events, "uploading"))),
        ("files uploaded, app starting", at(of_phase(&events, "starting"))),
        ("the app's code runs", in_app(&told["began"])),
        ("its port listens", in_app(&told["listens"])),
        ("its check arrives", in_app(&told["asked"][0])),
        ("checks passed: ready", at(of_phase(&events, "live"))),
    ];
    println!("{:36} {:>8}", "", "ms");
    for (what, when) in &rows {
        println!("{what:36} {:>8}", when.millis_since(accepted));
    }
    // The order that the pipeline promises; the sandbox comes while the model writes.
    let when = |what: &str| rows.iter().find(|(row, _)| row.starts_with(what)).unwrap().1;
    assert!(when("sandbox") <= when("last token"), "{rows:?}");
    assert!(
        rows[2..5].is_sorted_by_key(|(_, when)| *when) && rows[6..].is_sorted_by_key(|(_, when)| *when),
        "{rows:?}"
    );
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
    let (_, _, events, _) = watched(&engine, "a page that greets");
    let text = transcript(&engine, "a repair at zero tokens", &events);
    assert!(text.contains("mended by=Rule did=\"imported a module of the standard library\" tokens=0"), "{text}");
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
    let (_, _, events, _) = watched(&engine, "a page that greets");
    let text = transcript(&engine, "a repair by the model", &events);
    assert!(text.contains("mended by=Claude did=\"Claude mended it\" tokens=1020"), "{text}");
    assert_eq!(server.asked(), 2);
}

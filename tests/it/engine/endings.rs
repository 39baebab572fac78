//! What is left: of a session, of an engine that ends in order, of one that is killed. And what goes on.

use std::collections::BTreeSet;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{
    stand::{Engine, PATIENCE, Session, eventually},
    traces::{Process, Traces, descendants, descriptors, files, groups, mounts},
};

/// The app's own process: what runs `node`, below the sandbox's first process.
pub fn app_of(engine: &Engine) -> Process {
    eventually("the app's process", || descendants(engine.pid()).into_iter().find(|process| process.name == "node"))
}

pub fn kill(process: &Process) {
    kill_process(Pid::from_raw(process.pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn a_destroyed_session_leaves_nothing() {
    let engine = Engine::start(&[]);
    // The first session brings what an engine makes once and keeps.
    engine.spawn("a calculator", "webapp").ready().destroy();
    let before = Traces::of(&engine);
    let session = engine.spawn("a todo app", "webapp").ready();
    assert_eq!(session.page().status, 200);
    let during = Traces::of(&engine);
    assert!(during.processes.len() > before.processes.len(), "or the check below proves nothing: {during:?}");
    let gone: BTreeSet<_> = during.processes.difference(&before.processes).cloned().collect();
    assert!(gone.iter().any(|process| process.name == "node"), "{gone:?}");
    session.destroy();
    assert_eq!(gone.iter().filter(|process| process.lives()).collect::<Vec<_>>(), [] as [&Process; 0]);
    assert_eq!(Traces::of(&engine), before);
}

#[test]
fn sessions_that_come_and_go_hold_no_descriptors() {
    let engine = Engine::start(&[]);
    let round = || {
        let session = engine.spawn("a todo app", "webapp").ready();
        assert_eq!(session.page().status, 200);
        session.destroy();
    };
    round();
    let before = descriptors(engine.pid());
    for _ in 0..6 {
        round();
    }
    // Connections that the engine keeps open for a while to itself come and go: fewer than one a session.
    eventually("descriptors as before", || (descriptors(engine.pid()) <= before + 3).then_some(()));
}

#[test]
fn an_engine_that_is_asked_to_end_takes_all_along_and_the_next_one_goes_on() {
    for signal in [Signal::INT, Signal::TERM] {
        let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
        let engine = Engine::start_in(folder.path(), &[("SPAWNAI_WARM_SANDBOXES", "1")]);
        let told = engine.ask("a todo app", "webapp").json();
        let session = engine.session(&told).ready();
        session.visit("POST", "/api/todos", &json!({"title": "milk"}));
        let listens = engine.listens();
        let pid = engine.pid();
        let processes = eventually("an app in its sandbox, and a prewarmed one", || {
            let processes = descendants(pid);
            (processes.len() >= 3).then_some(processes)
        });
        let stopped = engine.stop(signal);
        assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
        assert_eq!(processes.iter().filter(|process| process.lives()).collect::<Vec<_>>(), [] as [&Process; 0]);
        assert_eq!(groups(pid), BTreeSet::new());
        assert_eq!(mounts(), mounted);
        let left: BTreeSet<_> = files(folder.path()).iter().map(|path| name(path, folder.path())).collect();
        let kept = [
            "data",
            "data/ca.key",
            "data/ca.pem",
            "data/engine.lock",
            "data/host.key",
            "data/spawnai.db",
            "data/spawnai.db-lock",
            "tmp",
        ];
        assert_eq!(left, kept.map(str::to_owned).into());

        let engine = Engine::start_in(folder.path(), &settings(&listens));
        let session = engine.session(&told).ready();
        assert_eq!(session.page().status, 200, "the same address answers again");
        let log = engine.read(&session.path("/logs"))["lines"].clone();
        assert!(log.as_array().is_some_and(|lines| !lines.is_empty()), "{log}");
        drop(session);
        engine.stop(Signal::TERM);
    }
}

fn settings<'a>(listens: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    listens.iter().map(|(name, address)| (*name, address.as_str())).collect()
}

fn name(path: &std::path::Path, folder: &std::path::Path) -> String {
    path.strip_prefix(folder).unwrap().to_string_lossy().into_owned()
}

#[test]
fn an_engine_that_is_killed_leaves_nothing_that_the_next_one_does_not_clear() {
    let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
    let engine = Engine::start_in(folder.path(), &[("SPAWNAI_WARM_SANDBOXES", "1")]);
    let told = engine.ask("a todo app", "webapp").json();
    let spent = engine.session(&told).ready().show()["actualCost"].as_f64().unwrap();
    let destroyed = engine.ask("a poll", "webapp").json();
    engine.session(&destroyed).ready().destroy();
    let listens = engine.listens();
    let (pid, processes) = (engine.pid(), descendants(engine.pid()));
    engine.stop(Signal::KILL);
    eventually("sandboxes die with their engine", || (!processes.iter().any(Process::lives)).then_some(()));
    assert_eq!(mounts(), mounted);

    let engine = Engine::start_in(folder.path(), &settings(&listens));
    assert_eq!(groups(pid), BTreeSet::new(), "the dead one's groups");
    let session = engine.session(&told).ready();
    assert_eq!(session.page().status, 200);
    let events: Vec<_> =
        session.events(None).take_while(|event| event.data["status"] != "ready" || event.id < 9).collect();
    assert!(events.iter().zip(1..).all(|(event, number)| event.id == number), "{events:?}");
    assert!(events.iter().any(|event| event.data["message"].to_string().contains("restarted")), "{events:?}");
    assert!(session.show()["actualCost"].as_f64().unwrap() >= spent, "what was spent stays spent");
    assert_eq!(engine.session(&destroyed).show()["endReason"], "destroyed", "what was over stays over");
    session.destroy();
}

#[test]
fn an_app_that_dies_is_started_anew_until_patience_ends() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a todo app", "webapp").ready();
    let mut sandbox = session.show()["sandboxId"].clone();
    for restart in 1..=3 {
        kill(&app_of(&engine));
        let view = eventually("it lives again", || {
            let view = session.show();
            (view["restarts"] == restart && view["status"] == "ready").then_some(view)
        });
        assert_ne!(view["sandboxId"], sandbox, "a fresh sandbox");
        assert_eq!(view["appUrl"], session.url);
        assert_eq!(session.page().status, 200, "at the same address");
        sandbox = view["sandboxId"].clone();
    }
    kill(&app_of(&engine));
    let view = session.until("error");
    assert_eq!(view["error"]["code"], "app_exited", "{view}");
    assert!(view["errorMessage"].as_str().unwrap().contains("3 new starts did not help"), "{view}");
    assert!(!view["error"]["retryable"].as_bool().unwrap());
    eventually("its sandbox is gone", || descendants(engine.pid()).is_empty().then_some(()));
    let gone = session.page();
    assert!(gone.status == 410 && gone.text().contains("It failed"), "{} {}", gone.status, gone.text());
    let events: Vec<_> = session.events(None).collect();
    assert!(events.iter().zip(1..).all(|(event, number)| event.id == number), "{events:?}");
    let last = events.last().unwrap();
    assert_eq!((last.kind.as_str(), &last.data["recoverable"]), ("session_error", &json!(false)));
}

#[test]
fn a_sandbox_that_is_lost_is_replaced() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a todo app", "webapp").ready();
    let app = app_of(&engine);
    // The first process of the sandbox: all that is in it goes with it.
    let first = descendants(engine.pid()).into_iter().find(|process| process.name != "node").unwrap();
    kill(&first);
    eventually("it lives again", || {
        let view = session.show();
        (view["restarts"] == 1 && view["status"] == "ready").then_some(())
    });
    assert!(!app.lives());
    assert_eq!(session.page().status, 200);
}

#[test]
fn a_session_can_be_destroyed_on_its_way() {
    let engine = Engine::start(&[]);
    for _ in 0..20 {
        let session: Session<'_> = engine.spawn("a kanban board", "webapp");
        let ended = session.destroy();
        assert_eq!((&ended["status"], &ended["endReason"]), (&json!("expired"), &json!("destroyed")));
        assert_eq!(session.show()["endReason"], "destroyed");
    }
    let what = format!("late sandboxes are given back within {PATIENCE:?}");
    eventually(&what, || descendants(engine.pid()).is_empty().then_some(()));
}

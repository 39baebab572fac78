//! Panics, injected into each actor at each message of the real binary: sessions go on, money adds up, nothing is left.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    stand::{Engine, eventually},
    traces::descendants,
};

/// An engine whose actors blow up at these points, once each.
fn engine_with(points: &[&str]) -> Engine {
    Engine::start(&[("FAILPOINTS", &points.join(",")), ("SPAWNAI_WARM_SANDBOXES", "1")])
}

/// Two wishes granted from beginning to end, with everything asked of them that can be.
fn live(engine: &Engine) {
    let asked = |prompt: &str| {
        // An answer that was lost over a panic is a 503 that says so; the wish is made again.
        let told = eventually("a wish is taken", || {
            let answer = engine.ask(prompt, "webapp");
            assert!([202, 503].contains(&answer.status), "{}", answer.text());
            (answer.status == 202).then(|| answer.json())
        });
        engine.session(&told)
    };
    for prompt in ["a calculator", "a poll"] {
        let session = asked(prompt);
        let mut socket = engine.socket();
        socket.say(&json!({"type": "session_subscribe", "sessionId": session.id}));
        let session = session.ready();
        eventually("the socket hears of it, whichever actor tells", || {
            (socket.hear()["status"] == "ready").then_some(())
        });
        socket.say(&json!({"type": "session_unsubscribe", "sessionId": session.id}));
        assert_eq!(session.page().status, 200);
        eventually("it is extended", || {
            let answer = engine.call("POST", &session.path("/extend"), &json!({"additionalHours": 0.1}));
            assert!([200, 503].contains(&answer.status), "{}", answer.text());
            (answer.status == 200).then_some(())
        });
        assert_eq!(engine.get(&session.path("/logs")).status, 200);
        for path in ["/events", "/logs?follow=true"] {
            drop(session.stream(path, None));
        }
        for path in ["/health", "/ready", "/metrics", "/api/usage", "/api/supervisor"] {
            eventually(path, || (engine.get(path).status == 200).then_some(()));
        }
        eventually("it is live, however often it was made anew", || (session.page().status == 200).then_some(()));
        assert_eq!(session.destroy()["endReason"], "destroyed");
    }
}

/// All that was wished for came true, all is over, and the sums say so.
fn check(engine: Engine, points: &[&str]) {
    let sum = |list: &Value| list.as_array().unwrap().iter().map(|it| it["actualCost"].as_f64().unwrap()).sum::<f64>();
    let sessions = engine.read("/api/spawn")["sessions"].clone();
    assert!(
        sessions.as_array().unwrap().iter().all(|it| ["expired"].contains(&it["status"].as_str().unwrap())),
        "{sessions}"
    );
    let usage = engine.read("/api/usage");
    assert!((usage["total"].as_f64().unwrap() - sum(&sessions)).abs() < 1e-6, "{usage}\n{sessions}");
    eventually("nothing is held any more", || {
        let metrics = engine.get("/metrics").text();
        let held = metrics.lines().find_map(|line| line.strip_prefix("spawnai_ledger_reserved_dollars "))?.to_owned();
        (held == "0").then_some(())
    });
    let tree = engine.read("/api/supervisor");
    assert_eq!(tree["sessions"], json!([]), "{tree}");
    let names: Vec<_> = tree["actors"].as_array().unwrap().iter().map(|actor| actor["name"].clone()).collect();
    assert_eq!(names, ["ledger", "limiter", "pool", "registry"]);
    for point in points {
        let message = point.split(':').nth(1).unwrap();
        let reason = format!("panicked while handling {message}:");
        eventually(&format!("{point} is reached"), || engine.said().contains(&reason).then_some(()));
    }
    // One sandbox may be warm; a pool that died has left what it had to its own timeout.
    let pid = engine.pid();
    let stopped = engine.stop(Signal::TERM);
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
    assert_eq!(descendants(pid), Default::default());
}

fn survives(points: &[&str]) {
    let engine = engine_with(points);
    live(&engine);
    check(engine, points);
}

#[test]
fn in_the_ledger() {
    survives(&["ledger:Reserve:1", "ledger:Charged:2", "ledger:HoldLess:1", "ledger:Settle:1", "ledger:UsageQuery:1"]);
}

#[test]
fn in_the_ledger_between_the_answer_and_the_commit() {
    survives(&["ledger:Charged:1", "ledger:Reserve:2", "ledger:StatsQuery:1"]);
}

#[test]
fn in_the_limiter() {
    survives(&["limiter:Admit:1", "limiter:HealthQuery:1"]);
}

#[test]
fn in_the_pool() {
    survives(&["pool:Acquire:1", "pool:Answer:2", "pool:SetTimeout:1", "pool:Release:1", "pool:Tick:1"]);
}

#[test]
fn in_the_registry() {
    survives(&["registry:Spawn:1", "registry:ListActors:1", "registry:ProbeSandboxes:1", "registry:Exited:1"]);
}

#[test]
fn in_a_session_that_is_asked() {
    // Fewer at once than a session has patience for.
    survives(&["session:Subscribe:1", "session:Unsubscribe:1", "session:Extend:1"]);
    survives(&["session:Logs:1", "session:FollowLogs:1", "session:Destroy:1"]);
}

#[test]
fn in_a_session_after_its_commits() {
    survives(&["session:Committed:1", "session:Committed:3", "session:Committed:5", "session:Committed:7"]);
}

#[test]
fn in_a_session_on_its_way() {
    survives(&[
        "session:Reached:1",
        "session:Reached:3",
        "session:Stepped:1",
        "session:Stepped:2",
        "session:Stepped:4",
    ]);
}

#[test]
fn an_engine_whose_actors_do_not_answer_at_its_end_ends_all_the_same() {
    let points = ["registry:Drain:1", "pool:Drain:1", "session:Hibernate:1"];
    for points in [&points[..1], &points[1..2], &points[2..]] {
        let engine = engine_with(points);
        engine.spawn("a calculator", "webapp").ready();
        let pid = engine.pid();
        let stopped = engine.stop(Signal::TERM);
        assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
        assert_eq!(descendants(pid), Default::default());
    }
}

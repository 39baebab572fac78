//! Panics, injected into each actor at each message of the real binary: sessions go on, money adds up, nothing is left.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    claude::scripted,
    endings::{app_of, kill},
    stand::{Engine, PATIENCE, eventually, within},
    traces::descendants,
};
use crate::claude::{
    answers::{KEY, good},
    server::Reply,
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
    let tree = eventually("no session has an actor any more", || {
        let tree = engine.read("/api/supervisor");
        (tree["sessions"] == json!([])).then_some(tree)
    });
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
fn in_a_session_whose_app_dies() {
    let points = ["session:AppEnded:1"];
    let engine = engine_with(&points);
    let session = engine.spawn("a calculator", "webapp").ready();
    kill(&app_of(&engine));
    // The actor that heard of it died over it, and its successor hears of it, too.
    eventually("it is started anew", || {
        let view = session.show();
        (view["restarts"] == 1 && view["status"] == "ready").then_some(())
    });
    assert_eq!(session.page().status, 200);
    session.destroy();
    check(engine, &points);
}

#[test]
fn an_app_does_not_notice_what_becomes_of_its_session() {
    let points = ["session:Logs:1", "session:Logs:2", "session:Extend:1"];
    let engine = engine_with(&points);
    let session = engine.spawn("a calculator", "webapp").ready();
    let (sandbox, app) = (session.show()["sandboxId"].clone(), app_of(&engine));
    for _ in 0..2 {
        eventually("the logs are read", || (engine.get(&session.path("/logs")).status == 200).then_some(()));
    }
    eventually("it is extended", || {
        let answer = engine.call("POST", &session.path("/extend"), &json!({"additionalHours": 0.1}));
        (answer.status == 200).then_some(())
    });
    let view = session.show();
    assert_eq!((&view["status"], &view["sandboxId"], &view["restarts"]), (&json!("ready"), &sandbox, &json!(0)));
    assert!(app.lives() && session.page().status == 200);
    // Whoever listens to it now hears its end as the first one would have.
    kill(&app);
    eventually("it is started anew", || (session.show()["restarts"] == 1).then_some(()));
    session.ready().destroy();
    check(engine, &points);
}

#[test]
fn in_a_session_that_is_metered_and_whose_time_is_up() {
    let points = ["session:Meter:2", "pool:Claim:1", "session:Alarm:1"];
    let engine = engine_with(&points);
    let wish = json!({"prompt": "a calculator", "appType": "webapp", "hours": 1.0 / 60.0});
    // Of the one that is metered first the pool hears, and of the other nobody.
    let told = [(); 2].map(|()| engine.call("POST", "/api/spawn", &wish).json());
    for session in told.each_ref().map(|told| engine.session(told).ready()) {
        let over = || Some(session.show()).filter(|it| it["status"] == "expired");
        let view = within(PATIENCE * 2, "its minute is over", over);
        assert_eq!(view["endReason"], "timeout", "{view}");
    }
    check(engine, &points);
}

#[test]
fn in_a_session_that_claude_writes_for() {
    let points = ["session:Noted:1"];
    let mut asked = 0;
    let server = scripted(move |request| {
        asked += 1;
        let busy = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        if asked == 1 { Reply::json(529, "", busy) } else { good(&request.nonce()) }
    });
    let url = server.url();
    let settings = [("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", &url), ("FAILPOINTS", points[0])];
    let engine = Engine::start(&settings);
    let session = engine.spawn("a page that greets", "webapp").ready();
    assert_eq!(session.page().status, 200);
    session.destroy();
    check(engine, &points);
}

#[test]
fn in_a_session_that_an_engine_waits_for_at_its_end() {
    let server = scripted(|request| good(&request.nonce()).slowly(std::time::Duration::from_millis(20)));
    let (url, folder) = (server.url(), tempfile::tempdir().unwrap());
    let mut settings = vec![("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", &url), ("SPAWNAI_DRAIN_SECONDS", "20")];
    settings.push(("FAILPOINTS", "session:Rest:1"));
    let engine = Engine::start_in(folder.path(), &settings);
    let told = engine.ask("a page that greets", "webapp").json();
    eventually("Claude is asked", || (server.asked() > 0).then_some(()));
    let pid = engine.pid();
    let stopped = engine.stop(Signal::TERM);
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
    assert!(stopped.said.contains("panicked while handling Rest:"), "{}", stopped.said);
    assert_eq!(descendants(pid), Default::default());
    settings.pop();
    let engine = Engine::start_in(folder.path(), &settings);
    assert_eq!(engine.session(&told).ready().page().status, 200, "the next one has it");
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

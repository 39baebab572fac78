//! Where it ends: so many sessions, so many requests, so much money, so long.

use serde_json::{Value, json};

use super::{
    stand::{Engine, eventually},
    traces::descendants,
};

#[test]
fn twenty_at_once_become_ready_and_the_next_one_waits() {
    let engine = Engine::start(&[("SPAWNAI_SPAWN_BURST", "100")]);
    let told: Vec<Value> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..24).map(|_| scope.spawn(|| engine.ask("a calculator", "webapp"))).collect();
        let answers: Vec<_> = asking.into_iter().map(|asked| asked.join().unwrap()).collect();
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 202);
        assert_eq!((accepted.len(), refused.len()), (20, 4), "a burst cannot pass the limit together");
        for answer in refused {
            assert_eq!(
                (answer.status, &answer.json()["error"]["code"]),
                (429, &json!("capacity")),
                "{}",
                answer.text()
            );
            assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
            assert_eq!(answer.json()["error"]["retryable"], true);
        }
        accepted.iter().map(crate::wire::Answer::json).collect()
    });
    let sessions: Vec<_> = told.iter().map(|told| engine.session(told).ready()).collect();
    for session in &sessions {
        assert_eq!(session.page().status, 200);
    }
    sessions[0].destroy();
    let place = engine.spawn("a calculator", "webapp").ready();
    assert_eq!(place.page().status, 200, "a place that was given back is taken");
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    let engine = Engine::start(&[("SPAWNAI_SPAWN_BURST", "2"), ("SPAWNAI_SPAWN_PER_MINUTE", "1")]);
    let statuses: Vec<_> = (0..2).map(|_| engine.ask("a calculator", "webapp").status).collect();
    assert_eq!(statuses, [202, 202]);
    let refused = engine.ask("a calculator", "webapp");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (429, &json!("rate_limited")), "{}", refused.text());
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(engine.get("/api/spawn").status, 200, "reading is no spawning");
    assert_eq!(engine.ask("", "webapp").status, 400, "what is refused anyway costs nothing");
}

#[test]
fn ceilings_of_a_day_hold() {
    // One session of half an hour is reserved with 0.02925 dollars.
    for (setting, code) in
        [("SPAWNAI_TOTAL_DAY_BUDGET_USD", "budget_exceeded"), ("SPAWNAI_USER_DAY_BUDGET_USD", "user_budget_exceeded")]
    {
        let engine = Engine::start(&[(setting, "0.04")]);
        let session = engine.spawn("a calculator", "webapp").ready();
        let refused = engine.ask("a calculator", "webapp");
        assert_eq!((refused.status, &refused.json()["error"]["code"]), (402, &json!(code)), "{}", refused.text());
        let extension = engine.call("POST", &session.path("/extend"), &json!({"additionalHours": 0.4}));
        assert_eq!(extension.status, 402, "{}", extension.text());
        // What was reserved and not spent is free again.
        session.destroy();
        engine.spawn("a calculator", "webapp").destroy();
        let other = engine.call("POST", "/api/spawn", &json!({"prompt": "a calculator", "userId": "other"}));
        assert_eq!(other.status, 202, "{}", other.text());
        let third = engine.call("POST", "/api/spawn", &json!({"prompt": "a calculator", "userId": "third"}));
        let expected = if setting.contains("TOTAL") { 402 } else { 202 };
        assert_eq!(third.status, expected, "{}", third.text());
    }
}

#[test]
fn a_session_ends_when_its_money_is_spent() {
    // A little more than a second of the default sandbox.
    let engine = Engine::start(&[("SPAWNAI_SESSION_BUDGET_USD", "0.00002")]);
    let session = engine.spawn("a calculator", "webapp");
    let view = session.until("expired");
    assert_eq!(view["endReason"], "budget", "{view}");
    let cost = view["actualCost"].as_f64().unwrap();
    assert!(cost > 0.0 && cost <= 0.000_02, "{view}");
    let end = session.events(None).last().unwrap();
    assert_eq!((&end.data["endReason"], &end.data["finalCost"]), (&json!("budget"), &view["actualCost"]));
    let gone = session.page();
    assert!(gone.status == 410 && gone.text().contains("budget was used up"), "{}", gone.text());
    eventually("nothing is left of it", || descendants(engine.pid()).is_empty().then_some(()));
    let usage = engine.read("/api/usage");
    assert_eq!(usage["total"], view["actualCost"]);
}

#[test]
#[ignore = "takes a minute: the shortest life there is"]
fn a_session_ends_when_its_time_is_up() {
    let engine = Engine::start(&[]);
    let told = engine.call("POST", "/api/spawn", &json!({"prompt": "a calculator", "hours": 0.0167})).json();
    let session = engine.session(&told).ready();
    let end = session.events(None).last().unwrap();
    assert_eq!((end.kind.as_str(), &end.data["endReason"]), ("session_expired", &json!("timeout")));
    assert_eq!(session.page().status, 410);
    eventually("nothing is left of it", || descendants(engine.pid()).is_empty().then_some(()));
}

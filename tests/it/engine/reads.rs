//! What can be read of sessions and of the engine, and what can be changed.

use std::{collections::BTreeMap, io::Cursor};

use serde_json::{Value, json};

use super::stand::{Engine, eventually};

#[test]
fn lists_are_filtered_and_come_in_pages() {
    let engine = Engine::start(&[]);
    let wish =
        |user: &str| engine.call("POST", "/api/spawn", &json!({"prompt": "a calculator", "userId": user})).json();
    let told: Vec<Value> = ["ann", "bob", "ann", "bob", "ann"].into_iter().map(wish).collect();
    let ids: Vec<_> = told.iter().rev().map(|session| session["sessionId"].clone()).collect();
    let mut found = Vec::new();
    let mut path = "/api/spawn?limit=2".to_owned();
    let pages = loop {
        let page = engine.read(&path);
        let sessions = page["sessions"].as_array().unwrap();
        assert!(sessions.len() <= 2);
        found.extend(sessions.iter().map(|session| session["sessionId"].clone()));
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/spawn?limit=2&cursor={cursor}"),
            None => break found.len().div_ceil(2),
        }
    };
    assert_eq!((found, pages), (ids, 3), "newest first, each once");
    let count = |query: &str| engine.read(&format!("/api/spawn?{query}"))["sessions"].as_array().unwrap().len();
    assert_eq!((count("userId=ann"), count("userId=bob"), count("userId=eve")), (3, 2, 0));
    for session in &told {
        engine.session(session).ready();
    }
    engine.session(&told[0]).destroy();
    assert_eq!((count("status=ready"), count("status=expired"), count("status=error")), (4, 1, 0));
    assert_eq!(count("status=expired&userId=ann"), 1);
    let counted = engine.read("/health")["sessionsOpen"].clone();
    assert_eq!(counted, 4);
}

#[test]
fn a_life_is_made_longer_within_the_plan_and_ends_but_once() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a calculator", "webapp").ready();
    let before = session.show();
    let extend = |hours: f64| engine.call("POST", &session.path("/extend"), &json!({"additionalHours": hours}));
    let extended = extend(0.25).json();
    assert_eq!(extended["sessionId"], session.id);
    let moment = |text: &Value| text.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert_eq!(moment(&extended["newExpiresAt"]) - moment(&before["expiresAt"]), 15 * 60 * 1000);
    assert_eq!(extended["additionalCost"], 0.014625);
    assert_eq!(session.show()["expiresAt"], extended["newExpiresAt"]);
    let past = extend(0.5);
    assert_eq!((past.status, &past.json()["error"]["code"]), (409, &json!("lifetime_exceeded")), "{}", past.text());
    assert_eq!(session.show()["expiresAt"], extended["newExpiresAt"], "a refusal changes nothing");

    let first = session.destroy();
    let names = ["sessionId", "status", "endReason"].map(|name| first[name].as_str().unwrap());
    assert_eq!(names, [session.id.as_str(), "expired", "destroyed"]);
    assert!(first["finalCost"].as_f64().unwrap() > 0.0);
    assert_eq!(session.destroy(), first, "destroyed again is the same end");
    let after = extend(0.1);
    assert_eq!((after.status, &after.json()["error"]["code"]), (409, &json!("session_over")));
}

#[test]
fn the_files_can_be_read_and_taken_home() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a todo app", "webapp").ready();
    let check = || {
        let list = engine.read(&session.path("/files"));
        assert_eq!(list["start"], "exec node server.js");
        let files: BTreeMap<_, _> = list["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| (file["path"].as_str().unwrap().to_owned(), file["bytes"].as_u64().unwrap()))
            .collect();
        assert!(files.contains_key("server.js") && files.contains_key("public/index.html"), "{files:?}");
        let zip = engine.get(&session.path("/export.zip"));
        assert_eq!((zip.status, zip.header("content-type")), (200, Some("application/zip")));
        let mut archive = zip::ZipArchive::new(Cursor::new(zip.body)).unwrap();
        for (path, bytes) in &files {
            let file = engine.get(&session.path(&format!("/files/{path}")));
            assert_eq!((file.status, file.body.len() as u64), (200, *bytes), "{path}");
            assert!(file.header("content-type").unwrap().starts_with("text/plain"), "never with the engine's origin");
            assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
            let mut packed = Vec::new();
            std::io::Read::read_to_end(&mut archive.by_name(path).unwrap(), &mut packed).unwrap();
            assert_eq!(packed, file.body, "{path}");
        }
        assert_eq!(engine.get(&session.path("/files/nothing.js")).status, 404);
        assert_eq!(engine.get(&session.path("/files/../../etc/passwd")).status, 404);
    };
    check();
    session.destroy();
    check();
}

#[test]
fn the_log_is_kept_and_followed() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a todo app", "webapp").ready();
    let lines = |path: &str| engine.read(&session.path(path))["lines"].as_array().unwrap().clone();
    let kept = eventually("the app says where it listens", || {
        let kept = lines("/logs");
        kept.iter().any(|line| line["stream"] == "stdout").then_some(kept)
    });
    assert_eq!(kept[0]["stream"], "engine");
    let last = kept.last().unwrap()["seq"].as_u64().unwrap();
    assert_eq!(lines(&format!("/logs?after={last}")).len(), 0);
    assert_eq!(lines("/logs?after=1").len(), kept.len() - 1);
    let following: Vec<_> = session.stream("/logs?follow=true", None).take(kept.len()).collect();
    assert!(following.iter().zip(1..).all(|(line, number)| line.id == number && line.kind == "log"), "{following:?}");
    let mut rest = session.stream("/logs?follow=true", Some(1));
    assert_eq!(rest.next().unwrap().id, 2, "resumed");
    session.destroy();
    assert!(rest.all(|line| line.id > 2), "the stream ends with the session");
    assert_eq!(lines("/logs"), kept, "kept beyond the end");
}

#[test]
fn a_lost_stream_of_events_goes_on_where_it_broke_off() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a todo app", "webapp").ready();
    // Six or seven, since a sandbox may be there before its app.
    let mut all = session.events(None);
    let last = all.find(|event| event.data["status"] == "ready").unwrap().id;
    let rest: Vec<_> = session.events(Some(last - 3)).take(3).map(|event| event.id).collect();
    assert_eq!(rest, [last - 2, last - 1, last]);
    let mut live = session.events(Some(last));
    session.destroy();
    let end: Vec<_> = live.by_ref().collect();
    assert_eq!(
        end.iter().map(|event| (event.id, event.kind.as_str())).collect::<Vec<_>>(),
        [(last + 1, "session_expired")]
    );
    assert_eq!(session.events(Some(last + 1)).count(), 0, "over is over");
    assert_eq!(session.events(None).count() as u64, last + 1, "and can be read again from the beginning");
    let bad = crate::wire::call(engine.api, "GET", &session.path("/events"), &[("Last-Event-ID", "x")], b"");
    assert_eq!(bad.status, 400);
}

#[test]
fn usage_is_the_sum_of_what_sessions_cost() {
    let engine = Engine::start(&[]);
    let mut costs: BTreeMap<&str, f64> = BTreeMap::new();
    for user in ["ann", "bob", "ann"] {
        let told = engine.call("POST", "/api/spawn", &json!({"prompt": "a calculator", "userId": user})).json();
        let session = engine.session(&told).ready();
        *costs.entry(user).or_default() += session.destroy()["finalCost"].as_f64().unwrap();
    }
    let micros = |dollars: f64| (dollars * 1e6).round() as i64;
    let usage = engine.read("/api/usage");
    assert_eq!(
        micros(usage["total"].as_f64().unwrap()),
        costs.values().map(|cost| micros(*cost)).sum::<i64>(),
        "{usage}"
    );
    for user in usage["users"].as_array().unwrap() {
        let name = user["userId"].as_str().unwrap();
        assert_eq!(micros(user["total"].as_f64().unwrap()), micros(costs[name]), "{user}");
        let kinds = user["kinds"].as_array().unwrap();
        let sum: i64 = kinds.iter().map(|kind| micros(kind["cost"].as_f64().unwrap())).sum();
        assert_eq!(sum, micros(costs[name]), "{user}");
        assert!(kinds.iter().all(|kind| kind["sessions"] == if name == "ann" { 2 } else { 1 }), "{user}");
    }
    let only = engine.read("/api/usage?userId=bob");
    assert_eq!(micros(only["total"].as_f64().unwrap()), micros(costs["bob"]));
    assert_eq!(engine.read("/api/usage?from=2020-01-01&to=2020-02-01")["total"], 0.0);
}

#[test]
fn the_engine_tells_about_itself() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a calculator", "webapp").ready();
    let health = engine.read("/health");
    assert_eq!((&health["status"], &health["sessionsOpen"]), (&json!("ok"), &json!(1)));
    for dependency in health["dependencies"].as_array().unwrap() {
        assert!(dependency["status"] == "up" && dependency["latencyMs"].as_f64().unwrap() > 0.0, "{health}");
    }
    assert_eq!(engine.read("/ready")["status"], "ready");
    let supervisor = engine.read("/api/supervisor");
    let one = &supervisor["sessions"][0];
    assert_eq!((&one["sessionId"], &one["connected"], &one["rebuilds"]), (&json!(session.id), &json!(true), &json!(0)));
    for actor in supervisor["actors"].as_array().unwrap() {
        assert!(actor["condition"] == "running" && actor["restarts"] == 0 && actor["since"].is_string(), "{actor}");
    }
    let metrics = engine.get("/metrics").text();
    assert!(
        metrics.contains("\nspawnai_sessions_total 1\n") && metrics.contains("\nspawnai_sessions_open 1\n"),
        "{metrics}"
    );
    let document = engine.read("/api/openapi.json");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "/api/spawn",
        "/api/spawn/{id}",
        "/api/spawn/{id}/events",
        "/api/spawn/{id}/export.zip",
        "/api/spawn/{id}/extend",
        "/api/spawn/{id}/files",
        "/api/spawn/{id}/files/{path}",
        "/api/spawn/{id}/logs",
        "/api/supervisor",
        "/api/usage",
        "/health",
        "/ready",
    ];
    let mut found = paths.clone();
    found.retain(|path| expected.contains(path));
    found.sort_unstable();
    assert_eq!(found, expected, "{paths:?}");
    assert!(engine.get("/").text().contains("<!doctype html>"));
}

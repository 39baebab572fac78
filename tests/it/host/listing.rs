//! What the control plane tells of sandboxes, and how it counts them.

use serde_json::{Value, json};

use super::{
    call,
    machine::{Machine, modes},
};
use crate::engine::stand::eventually;

fn get(machine: &Machine, path: &str) -> super::machine::Answer {
    machine.control("GET", path, &json!({}))
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["sandboxID"].as_str().unwrap()).collect()
}

#[test]
fn lists_are_ordered_filtered_and_paged() {
    let machine = Machine::start(modes()[0]);
    let made: Vec<_> = (0..3).map(|_| machine.create()).collect();
    let [first, second, third] = [0, 1, 2].map(|number: usize| made[number].id.as_str());
    assert_eq!(machine.control("POST", &format!("/sandboxes/{second}/pause"), &json!({})).status, 204);
    let list = |query: &str| get(&machine, &format!("/v2/sandboxes?{query}"));
    // Two that started within a millisecond are ordered by their ids.
    let newest_first = list("").json();
    let newest_first = ids(&newest_first);
    assert!([first, second, third].iter().all(|id| newest_first.contains(id)));
    let oldest_first = list("order=asc").json();
    assert!(ids(&oldest_first).iter().rev().eq(&newest_first));
    let (mut seen, mut token) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = list(&format!("order=asc&limit=1&nextToken={token}"));
        seen.extend(ids(&page.json()).into_iter().map(str::to_owned));
        assert_eq!(page.header("x-total-running"), Some("2"));
        token = page.header("x-next-token").unwrap_or_default().to_owned();
    }
    assert_eq!((seen.iter().map(String::as_str).rev().collect::<Vec<_>>(), token.as_str()), (newest_first.clone(), ""));
    assert_eq!(ids(&get(&machine, "/sandboxes").json()).len(), 2, "the first generation lists those that run");
    let started =
        |id: &str| get(&machine, &format!("/sandboxes/{id}")).json()["startedAt"].as_str().unwrap().to_owned();
    let since = list(&format!("startedAfter={}", started(newest_first[0]))).json();
    assert!(ids(&since).contains(&newest_first[0]), "at or after");
    assert_eq!(list("startedAfter=2100-01-01T00:00:00Z").json(), json!([]));
    assert_eq!((ids(&list("template=base").json()).len(), list("template=other").json()), (3, json!([])));
    assert_eq!(list("order=sideways").status, 400);
}

#[test]
fn metrics_and_logs_tell_what_a_sandbox_used_and_what_befell_it() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let path = format!("/sandboxes/{}", sandbox.id);
        assert_eq!(sandbox.run("head -c 3000000 /dev/zero > file; echo secret-output; exit 3").exit, Some(3));
        let now = get(&machine, &format!("{path}/metrics")).json();
        let newest = now.as_array().unwrap().last().unwrap();
        assert!(newest["diskUsed"].as_u64().unwrap() >= 3_000_000, "{mode:?} {newest}");
        assert!(newest["cpuUsedPct"].is_number() && newest["timestamp"].is_string());
        let many = get(&machine, &format!("/sandboxes/metrics?sandbox_ids={},nobody", sandbox.id)).json();
        assert_eq!(many["sandboxes"].as_object().unwrap().len(), 1, "{many}");
        assert!(many["sandboxes"][&sandbox.id]["memTotal"].is_number());
        assert_eq!(get(&machine, &format!("{path}/metrics?start=0&end=1000")).json(), json!([]));
        assert_eq!(get(&machine, &format!("{path}/metrics?start=5&end=1")).status, 400);
        assert_eq!(get(&machine, &format!("{path}/metrics?start=x")).status, 400);
        assert_eq!(get(&machine, "/sandboxes/metrics").status, 400);

        assert_eq!(machine.control("POST", &format!("{path}/pause"), &json!({})).status, 204);
        let paused = get(&machine, &format!("{path}/metrics"));
        assert_eq!(paused.status, 200, "{mode:?}: nothing is asked of a paused one");
        assert_eq!(machine.control("POST", &format!("{path}/resume"), &json!({"timeout": 60})).status, 201);
        let logs = get(&machine, &format!("/v2{path}/logs")).json();
        let messages: Vec<_> = logs["logs"].as_array().unwrap().iter().map(|entry| &entry["message"]).collect();
        assert_eq!(messages.len(), 5, "{messages:?}");
        assert_eq!(
            (messages[0], messages[3], messages[4]),
            (&json!("sandbox created"), &json!("sandbox paused"), &json!("sandbox resumed"))
        );
        assert!(messages[1].as_str().unwrap().ends_with("started: /bin/bash"), "{messages:?}");
        assert!(messages[2].as_str().unwrap().ends_with("ended with exit code 3"), "{messages:?}");
        assert_eq!(logs["logs"][3]["fields"], json!({"cause": "request"}));
        assert!(!logs.to_string().contains("secret"), "neither output nor arguments");
        let newest = get(&machine, &format!("/v2{path}/logs?direction=backward&limit=1")).json();
        assert_eq!(newest["logs"][0]["message"], "sandbox resumed");
        let found = get(&machine, &format!("/v2{path}/logs?search=ended&level=info")).json();
        assert_eq!(found["logs"].as_array().unwrap().len(), 1);
        let first = get(&machine, &format!("{path}/logs?limit=2")).json();
        assert_eq!(
            (first["logs"].as_array().unwrap().len(), &first["logs"][0]["line"]),
            (2, &json!("sandbox created"))
        );
        assert_eq!(first["logEntries"][0]["level"], "info");
        for wrong in ["limit=1001", "direction=up", "level=loud"] {
            assert_eq!(get(&machine, &format!("/v2{path}/logs?{wrong}")).status, 400, "{wrong}");
        }
    }
}

#[test]
fn a_key_makes_one_sandbox_however_often_it_is_asked_for() {
    let machine = Machine::start(modes()[0]);
    let create = |key: &str, body: &Value| {
        let headers = [("X-API-Key", machine.key.as_str()), ("Idempotency-Key", key)];
        call(machine.address, "POST", "/v2/sandboxes", &headers, body.to_string().as_bytes())
    };
    let wish = json!({"templateID": "base"});
    // At once: all but one come while the first is still starting.
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| create("key-1", &wish))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (one, token) = (made[0].json()["sandboxID"].clone(), made[0].json()["envdAccessToken"].clone());
    for answer in &made {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!((&answer.json()["sandboxID"], &answer.json()["envdAccessToken"]), (&one, &token));
    }
    assert_eq!(get(&machine, "/v2/sandboxes").json().as_array().unwrap().len(), 1);
    let other = create("key-1", &json!({"templateID": "base", "timeout": 60}));
    assert_eq!((other.status, other.header("should-retry")), (422, Some("false")));
    assert_ne!(create("key-2", &wish).json()["sandboxID"], one);
    assert_eq!(create("Not A Key", &wish).status, 400);
    let id = one.as_str().unwrap();
    assert_eq!(machine.control("DELETE", &format!("/sandboxes/{id}"), &json!({})).status, 204);
    assert_eq!(create("key-1", &wish).status, 409, "no second one, even now");
}

#[test]
fn paused_sandboxes_count_and_one_too_many_is_told_not_to_try_again() {
    let machine = Machine::start_small(modes()[0], 2);
    let (kept, paused) = (machine.create(), machine.create());
    assert_eq!(machine.control("POST", &format!("/sandboxes/{}/pause", paused.id), &json!({})).status, 204);
    let create = || machine.control("POST", "/v2/sandboxes", &json!({"templateID": "base"}));
    let refused = create();
    assert_eq!((refused.status, refused.json()["code"].as_u64()), (429, Some(429)));
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("you have reached the maximum number of concurrent E2B sandboxes (2)"), "{message}");
    assert_eq!(refused.header("should-retry"), Some("false"));
    paused.kill();
    let made = eventually("there is room", || Some(create()).filter(|answer| answer.status == 201));
    assert!(made.json()["sandboxID"].is_string());
    kept.kill();
}

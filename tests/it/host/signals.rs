//! What a signal that was answered has done.

use serde_json::json;

use super::machine::{Machine, modes};

/// Often enough that an answer before the end would be caught out.
const KILLS: usize = 25;

#[test]
fn a_program_that_was_killed_is_not_found_any_more() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        for _ in 0..KILLS {
            let mut program = sandbox.start("echo $$; exec sleep 1000", &[]);
            let pid: i64 = program.until("\n").trim().parse().unwrap();
            let asked = json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"});
            let answer = sandbox.rpc("/process.Process/SendSignal", &asked);
            assert_eq!(answer.status, 200, "{mode:?} {}", answer.text());
            let found = sandbox.run(&format!("kill -0 {pid}"));
            assert_eq!(found.exit, Some(1), "{mode:?} {found:?}");
            assert_eq!(program.outcome().error, "signal: killed", "{mode:?}");
        }
    }
}

#[test]
fn a_sandbox_tells_what_it_uses_now_and_nothing_of_other_times() {
    let machine = Machine::start(modes()[0]);
    let (sandbox, other) = (machine.create(), machine.create());
    let one = |query: &str| {
        let answer = machine.control("GET", &format!("/sandboxes/{}/metrics{query}", sandbox.id), &json!({}));
        assert_eq!(answer.status, 200, "{query} {}", answer.text());
        answer.json().as_array().unwrap().len()
    };
    assert_eq!((one(""), one("?start=0"), one("?start=0&end=1000")), (1, 1, 0));
    let path = format!("/sandboxes/metrics?sandbox_ids={},{},gone", sandbox.id, other.id);
    let several = machine.control("GET", &path, &json!({})).json();
    assert_eq!(several["sandboxes"].as_object().unwrap().len(), 2, "{several}");
    assert!(several["sandboxes"][&other.id]["memTotal"].as_u64().unwrap() > 0, "{several}");
    assert_eq!(machine.control("GET", "/sandboxes/metrics", &json!({})).status, 400);
}

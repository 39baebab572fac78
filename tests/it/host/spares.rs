//! Sandboxes that are up before anybody asks.

use std::{collections::BTreeSet, fs};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{
    machine::{Machine, modes},
    snapshots::until,
};

/// The first processes of the sandboxes of `machine`.
fn inits(machine: &Machine) -> BTreeSet<i32> {
    let threads = fs::read_dir(format!("/proc/{}/task", machine.pid())).unwrap().flatten();
    // A thread may end while it is looked at.
    let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let children: Vec<i32> =
        children.flat_map(|pids| pids.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect();
    let named = |pid: &i32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "sandbox-init\n");
    children.into_iter().filter(named).collect()
}

#[test]
fn a_sandbox_is_up_before_it_is_asked_for_and_another_one_takes_its_place() {
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_SPARES", "2"), ("HOST_TEST_SANDBOXES", "4")]);
        until("two spares", || inits(&machine).len() == 2);
        let spares = inits(&machine);
        assert_eq!(machine.control("GET", "/sandboxes", &json!({})).json(), json!([]), "nobody's, and not shown");

        let taken = machine.create_with(&json!({"templateID": "base", "envVars": {"GREETING": "mine"}, "timeout": 60}));
        assert_eq!(
            taken.run("echo $GREETING $HOME; ls -A /home/user /tmp").stdout,
            "mine /home/user\n/home/user:\n\n/tmp:\n"
        );
        until("a third one", || inits(&machine).len() == 3);
        assert!(inits(&machine).is_superset(&spares), "{mode:?}: one of the spares was taken");

        let spare = *inits(&machine).iter().next_back().unwrap();
        kill_process(Pid::from_raw(spare).unwrap(), Signal::KILL).unwrap();
        let others: Vec<_> = (0..3).map(|_| machine.create()).collect();
        for other in &others {
            assert_eq!(other.run("echo up").stdout, "up\n", "{mode:?}: a dead spare is nobody's sandbox");
        }
        let full = machine.control("POST", "/v2/sandboxes", &json!({"templateID": "base"}));
        assert_eq!(full.status, 429, "spares are not more than there may be");
        machine.control("DELETE", &format!("/sandboxes/{}", taken.id), &json!({}));
        until("a spare in its place", || inits(&machine).len() == 4);
        let last = inits(&machine);
        assert!(machine.stop());
        for pid in last {
            assert!(!fs::exists(format!("/proc/{pid}")).unwrap(), "{mode:?}: a process is left");
        }
    }
}

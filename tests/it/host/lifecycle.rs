//! Sandboxes that are paused, wake and end: with every way this machine has to stop a program.

use std::{fs, path::PathBuf};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use serde_json::{Value, json};

use super::{
    groups_of,
    machine::{Machine, Mode, Sandbox, modes},
    marked,
};
use crate::engine::stand::eventually;

/// A host for each way to stop a sandbox: version 1's freezer, version 2's, and signals.
fn machines() -> Vec<(String, Machine)> {
    let mut machines: Vec<_> = modes().into_iter().map(|mode| (format!("{mode:?}"), Machine::start(mode))).collect();
    if let (Mode::Root, Some(freezer)) = (modes()[0], mount_of("freezer")) {
        let machine = Machine::start_without(&freezer);
        let groups = groups_of(machine.pid());
        assert!(groups.iter().any(|group| group.join("cgroup.freeze").exists()), "version 2's is used: {groups:?}");
        machines.push(("Root, without version 1's freezer".to_owned(), machine));
    }
    machines
}

/// Where version 1's hierarchy of `controller` is mounted.
fn mount_of(controller: &str) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let found = mounts
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&"cgroup") && fields[3].split(',').any(|option| option == controller));
    found.map(|fields| fields[1].to_owned())
}

fn call(machine: &Machine, sandbox: &Sandbox<'_>, what: &str, body: &Value) -> u16 {
    machine.control("POST", &format!("/sandboxes/{}/{what}", sandbox.id), body).status
}

fn detail(machine: &Machine, sandbox: &Sandbox<'_>) -> Value {
    machine.control("GET", &format!("/sandboxes/{}", sandbox.id), &json!({})).json()
}

fn listed(machine: &Machine, query: &str) -> Vec<String> {
    let all = machine.control("GET", &format!("/v2/sandboxes?{query}"), &json!({})).json();
    all.as_array().unwrap().iter().map(|one| one["sandboxID"].as_str().unwrap().to_owned()).collect()
}

/// Processor time of a process so far, in ticks.
fn ticks(pid: Pid) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn a_paused_sandbox_stands_still_and_goes_on_where_it_was() {
    for (name, machine) in machines() {
        let sandbox = machine.create();
        let marker = format!("spinner-{}", sandbox.id);
        let spin = format!("echo up; exec -a {marker} python3 -c 'while True: pass'");
        let mut stream = sandbox.start(&spin, &[]);
        let pid = stream.pid();
        stream.until("up");
        let spinner = eventually("the spinner runs", || marked(&marker).into_iter().find(|pid| ticks(*pid) > 0));

        assert_eq!(call(&machine, &sandbox, "pause", &json!({})), 204, "{name}");
        assert_eq!(stream.outcome().exit, None, "{name}: the stream broke off, and the program did not end");
        let before = ticks(spinner);
        assert_eq!(call(&machine, &sandbox, "pause", &json!({"memory": true})), 409, "{name}");
        for (port, path) in [("49983", "/health"), ("49983", "/files?path=x"), ("3000", "/")] {
            let answer = sandbox.to(port, "GET", path, &[("X-Access-Token", &sandbox.token)], b"");
            assert_eq!((answer.status, answer.json()["message"].as_str()), (502, Some("The sandbox was not found")));
        }
        let shown = detail(&machine, &sandbox);
        assert_eq!((shown["state"].as_str(), shown["pauseMode"].as_str()), (Some("paused"), Some("full")), "{name}");
        let advisory = shown["advisoryLimits"].as_array().unwrap().contains(&json!("freezer"));
        assert_eq!(advisory, name == "Rootless", "{name}: signals can be told");
        assert_eq!(listed(&machine, "state=paused"), [sandbox.id.as_str()], "{name}");
        assert_eq!(listed(&machine, "state=running"), [] as [String; 0], "{name}");
        assert_eq!(call(&machine, &sandbox, "timeout", &json!({"timeout": 5})), 404, "{name}: it has no timeout");
        // Takes more processor time than a tick has.
        assert_eq!(machine.create().run("python3 -c 'print(sum(range(3000000)))'").exit, Some(0));
        assert_eq!(ticks(spinner), before, "{name}: it does not run");

        assert_eq!(call(&machine, &sandbox, "resume", &json!({"timeout": 600})), 201, "{name}");
        assert_eq!(call(&machine, &sandbox, "resume", &json!({"timeout": 600})), 409, "{name}");
        eventually("the spinner goes on", || (ticks(spinner) > before).then_some(()));
        assert_eq!(sandbox.rpc("/process.Process/List", &json!({})).json()["processes"][0]["pid"], pid, "{name}");
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{name}");
        assert_eq!(detail(&machine, &sandbox)["state"], "running", "{name}");
        assert!(machine.stop(), "{name}");
    }
}

#[test]
fn a_paused_sandbox_dies_at_once_when_it_is_killed_and_with_its_host() {
    for (name, machine) in machines() {
        let (killed, left) = (machine.create(), machine.create());
        let marker = format!("frozen-{}", machine.pid());
        for sandbox in [&killed, &left] {
            let sleep =
                format!("(setsid bash -c 'exec -a {marker} sleep 1000' &) ; echo up; exec -a {marker} sleep 1000");
            sandbox.start(&sleep, &[]).until("up");
            assert_eq!(call(&machine, sandbox, "pause", &json!({})), 204, "{name}");
        }
        let all = marked(&marker).len();
        killed.kill();
        assert!(marked(&marker).len() < all, "{name}: reaped before the answer");
        assert_eq!(detail(&machine, &killed)["code"], 404, "{name}");
        let pid = machine.pid();
        assert!(machine.stop(), "{name}");
        assert_eq!(marked(&marker), [], "{name}");
        assert_eq!(groups_of(pid), [] as [PathBuf; 0], "{name}");
    }
}

#[test]
fn a_crash_of_the_host_takes_its_paused_sandboxes_along() {
    for (name, machine) in machines() {
        let sandbox = machine.create();
        let marker = format!("crashed-{}", machine.pid());
        sandbox.start(&format!("echo up; exec -a {marker} sleep 1000"), &[]).until("up");
        assert_eq!(call(&machine, &sandbox, "pause", &json!({})), 204, "{name}");
        let processes = marked(&marker);
        assert!(!processes.is_empty(), "{name}");
        let handles: Vec<_> = processes.iter().filter_map(|pid| pidfd_open(*pid, PidfdFlags::empty()).ok()).collect();
        machine.crash();
        for handle in &handles {
            let died = poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&Timespec { tv_sec: 30, tv_nsec: 0 }));
            assert_eq!(died, Ok(1), "{name}: nobody would thaw it any more");
        }
    }
    drop(Machine::start(modes()[0]));
}

#[test]
fn time_that_is_up_pauses_and_traffic_wakes_where_that_is_wished() {
    for (name, machine) in machines() {
        let create = |auto_resume: bool| {
            let body = json!({"templateID": "base", "timeout": 600, "autoPause": true, "autoResume": {"enabled": auto_resume}});
            machine.create_with(&body)
        };
        let (sleeper, waker) = (create(false), create(true));
        for sandbox in [&sleeper, &waker] {
            let mut server =
                sandbox.start("echo up; cd /tmp && exec python3 -m http.server 8000 --bind 127.0.0.1", &[]);
            server.until("up");
            eventually("it listens", || (sandbox.to("8000", "GET", "/", &[], b"").status == 200).then_some(()));
            assert_eq!(call(&machine, sandbox, "timeout", &json!({"timeout": 0})), 204, "{name}");
            eventually("it is paused", || (detail(&machine, sandbox)["state"] == "paused").then_some(()));
        }
        let lifecycle = |sandbox| detail(&machine, sandbox)["lifecycle"].clone();
        assert_eq!(lifecycle(&sleeper), json!({"autoResume": false, "onTimeout": "pause"}));
        assert_eq!(lifecycle(&waker), json!({"autoResume": true, "onTimeout": "pause"}));
        assert_eq!(sleeper.to("8000", "GET", "/", &[], b"").status, 502, "{name}");
        assert_eq!(waker.to("8000", "GET", "/", &[], b"").status, 200, "{name}: the very first request");
        assert_eq!(detail(&machine, &waker)["state"], "running", "{name}");
        assert_eq!(call(&machine, &waker, "pause", &json!({})), 204, "{name}");
        assert_eq!(waker.run("echo awake").stdout, "awake\n", "{name}: envd wakes it as well");

        let connected = machine.control("POST", &format!("/v2/sandboxes/{}/connect", sleeper.id), &json!({}));
        assert_eq!((connected.status, connected.json()["sandboxID"].as_str()), (201, Some(sleeper.id.as_str())));
        assert_eq!(connected.json()["envdAccessToken"].as_str(), Some(sleeper.token.as_str()), "{name}");
        assert_eq!(call(&machine, &sleeper, "connect", &json!({"timeout": 1})), 200, "{name}");
        assert_eq!(sleeper.to("8000", "GET", "/", &[], b"").status, 200, "{name}: not shortened, and the app lives");
    }
}

#[test]
fn whoever_waits_for_an_app_is_cut_off_by_a_pause() {
    const APP: &str = "require('http').createServer((q, r) => { if (q.url === '/begun') r.write('begun'); }).listen(3000, () => console.log('up'))";
    for (name, machine) in machines() {
        let sandbox = machine.create();
        sandbox.write("app.js", APP);
        sandbox.start("node app.js", &[]).until("up");
        let headers = [("E2b-Sandbox-Id", sandbox.id.as_str()), ("E2b-Sandbox-Port", "3000")];
        let mut silent = super::machine::send(machine.address, "GET", "/silent", &headers, b"");
        let mut begun = super::machine::send(machine.address, "GET", "/begun", &headers, b"");
        let (status, head) = super::machine::read_head(&mut begun);
        let mut body = super::machine::Body::of(begun, &head);
        assert_eq!((status, body.take(5).as_deref()), (200, Some(&b"begun"[..])), "{name}");
        assert_eq!(call(&machine, &sandbox, "pause", &json!({})), 204, "{name}");
        assert_eq!(body.take(1), None, "{name}: the answer breaks off");
        assert_eq!(super::machine::read_head(&mut silent).0, 502, "{name}: no answer had begun");
        assert_eq!(call(&machine, &sandbox, "connect", &json!({"timeout": 600})), 201, "{name}");
    }
}

#[test]
fn programs_that_start_while_a_sandbox_is_paused_and_resumed_do_it_no_harm() {
    for (name, machine) in machines() {
        let sandbox = machine.create();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                // Broken off or refused while it is paused: whatever comes of it.
                scope.spawn(|| {
                    for _ in 0..15 {
                        let body = super::machine::frame(
                            &json!({"process": {"cmd": "/bin/bash", "args": ["-c", "true"]}, "stdin": false}),
                        );
                        let mut reader = super::machine::send(
                            machine.address,
                            "POST",
                            "/process.Process/Start",
                            &[
                                ("E2b-Sandbox-Id", &sandbox.id),
                                ("X-Access-Token", &sandbox.token),
                                ("Content-Type", "application/connect+json"),
                            ],
                            &body,
                        );
                        let _ = std::io::Read::read_to_end(&mut reader, &mut Vec::new());
                    }
                });
            }
            for _ in 0..10 {
                assert_eq!(call(&machine, &sandbox, "pause", &json!({})), 204, "{name}");
                assert_eq!(call(&machine, &sandbox, "resume", &json!({"timeout": 600})), 201, "{name}");
            }
        });
        assert_eq!(sandbox.run("echo unharmed").stdout, "unharmed\n", "{name}");
        sandbox.kill();
        assert!(machine.stop(), "{name}");
    }
}

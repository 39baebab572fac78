//! A pause that keeps files only: the sandbox has no process while it lasts, and boots anew under the same id.

use serde_json::{Value, json};

use super::{
    groups_of,
    machine::{Answer, Machine, Mode, Sandbox, modes},
    marked,
};

const BOOT_ID: &str = "/files?path=/proc/sys/kernel/random/boot_id";

fn ask(machine: &Machine, sandbox: &Sandbox<'_>, call: &str, body: &Value) -> Answer {
    machine.control("POST", &format!("/sandboxes/{}/{call}", sandbox.id), body)
}

fn boot_id(sandbox: &Sandbox<'_>) -> String {
    let answer = sandbox.envd("GET", BOOT_ID, "", b"");
    assert_eq!((answer.status, answer.body.len()), (200, 37), "{}", answer.text());
    answer.text()
}

fn shown(machine: &Machine, sandbox: &Sandbox<'_>) -> Value {
    machine.control("GET", &format!("/sandboxes/{}", sandbox.id), &json!({})).json()
}

/// Whoever takes files waits for two things, and all in the same order: else they wait for each other for ever.
#[test]
fn snapshots_and_pauses_at_once_all_get_an_answer() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create_with(&json!({"templateID": "base", "timeout": 600}));
        sandbox.run("head -c 500000 /dev/urandom > large");
        for _ in 0..2 {
            std::thread::scope(|scope| {
                for call in ["fork", "pause", "fork", "fork", "pause", "fork"] {
                    let (machine, sandbox) = (&machine, &sandbox);
                    scope.spawn(move || {
                        let status = ask(machine, sandbox, call, &json!({"memory": false})).status;
                        assert!([201, 204, 409].contains(&status), "{mode:?} {call} {status}");
                    });
                }
            });
            assert!([200, 201].contains(&ask(&machine, &sandbox, "connect", &json!({"timeout": 600})).status));
        }
        assert_eq!(machine.control("DELETE", &format!("/sandboxes/{}", sandbox.id), &json!({})).status, 204);
    }
}

#[test]
fn a_sandbox_that_kept_its_files_boots_anew_under_its_id() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create_with(
            &json!({"templateID": "base", "metadata": {"a": "b"}, "envVars": {"GREETING": "hello"}, "timeout": 600}),
        );
        sandbox.write("kept", "content");
        let first = boot_id(&sandbox);
        let marker = format!("sleeper-{}-{mode:?}", machine.pid());
        sandbox.start(&format!("exec -a {marker} sleep 1000 & echo up; wait"), &[]).until("up");
        assert_eq!(ask(&machine, &sandbox, "pause", &json!({})).status, 204, "{mode:?}");
        assert_eq!(ask(&machine, &sandbox, "connect", &json!({"timeout": 600})).status, 201, "{mode:?}");
        assert_eq!(boot_id(&sandbox), first, "{mode:?}: a pause that keeps memory is no boot");
        let has_group = || groups_of(machine.pid()).iter().any(|group| group.join(&sandbox.id).exists());
        assert_eq!(has_group(), mode == Mode::Root, "root has control groups on this machine");
        let paused = ask(&machine, &sandbox, "pause", &json!({"memory": false}));
        assert_eq!(paused.status, 204, "{mode:?} {}", paused.text());
        assert_eq!(marked(&marker), [], "{mode:?}: its programs are gone");
        assert!(!has_group(), "{mode:?}");
        let asleep = shown(&machine, &sandbox);
        assert_eq!((&asleep["state"], &asleep["metadata"]["a"]), (&json!("paused"), &json!("b")), "{mode:?}");
        assert_eq!(sandbox.envd("GET", "/health", "", b"").status, 502);
        for (call, body, code) in [
            ("pause", json!({"memory": false}), 409),
            ("snapshots", json!({}), 409),
            ("fork", json!({}), 409),
            ("timeout", json!({"timeout": 60}), 404),
        ] {
            let refused = ask(&machine, &sandbox, call, &body);
            assert_eq!((refused.status, refused.json()["code"].as_u64()), (code, Some(code.into())), "{mode:?} {call}");
        }
        let connects = std::thread::scope(|scope| {
            let connect = || ask(&machine, &sandbox, "connect", &json!({"timeout": 600}));
            let calls = [scope.spawn(connect), scope.spawn(connect), scope.spawn(connect)];
            calls.map(|call| call.join().unwrap())
        });
        let mut codes = connects.each_ref().map(|answer| answer.status);
        codes.sort_unstable();
        assert_eq!(codes, [200, 200, 201], "{mode:?}: booted once");
        assert_eq!(connects[0].json()["sandboxID"], sandbox.id);
        assert_eq!(connects[0].json()["envdAccessToken"], sandbox.token);
        assert_eq!(sandbox.run("cat kept; echo; echo $GREETING").stdout, "content\nhello\n", "{mode:?}");
        let second = boot_id(&sandbox);
        assert_ne!(second, first, "{mode:?}");
        let after = shown(&machine, &sandbox);
        assert_eq!((&after["state"], &after["startedAt"]), (&json!("running"), &asleep["startedAt"]));
        assert_eq!(marked(&marker), [], "{mode:?}");
        sandbox.write("kept", "again");
        assert_eq!(ask(&machine, &sandbox, "pause", &json!({"memory": false})).status, 204);
        assert_eq!(ask(&machine, &sandbox, "resume", &json!({})).status, 201);
        assert_eq!(sandbox.run("cat kept").stdout, "again", "{mode:?}");
        assert_eq!(ask(&machine, &sandbox, "pause", &json!({"memory": false})).status, 204);
        sandbox.kill();
        assert_eq!(ask(&machine, &sandbox, "connect", &json!({})).status, 404);
        let left = std::fs::read_dir(machine.folder.path().join("snapshots")).unwrap().count();
        assert_eq!(left, 0, "{mode:?}: its files had no name");
        assert!(machine.stop(), "{mode:?}");
    }
}

#[test]
fn memory_that_a_pause_kept_can_be_given_up_at_the_resume() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create_with(&json!({"templateID": "base", "timeout": 600}));
        let marker = format!("forgotten-{}-{mode:?}", machine.pid());
        let mut boots = vec![boot_id(&sandbox)];
        for (call, asked) in
            [("connect", json!({"timeout": 600, "memory": false})), ("resume", json!({"memory": false}))]
        {
            sandbox.write("kept", call);
            sandbox.start(&format!("exec -a {marker} sleep 1000 & echo up; wait"), &[]).until("up");
            assert_eq!(ask(&machine, &sandbox, "pause", &json!({})).status, 204, "{mode:?}");
            assert_ne!(marked(&marker), [], "{mode:?}: its programs stand still");
            let woken = ask(&machine, &sandbox, call, &asked);
            assert_eq!(
                (woken.status, woken.json()["envdAccessToken"].as_str()),
                (201, Some(&*sandbox.token)),
                "{mode:?}"
            );
            assert_eq!(marked(&marker), [], "{mode:?}: its programs are gone");
            assert_eq!(sandbox.run("cat kept").stdout, call, "{mode:?}");
            boots.push(boot_id(&sandbox));
        }
        assert!(boots[0] != boots[1] && boots[1] != boots[2], "{mode:?} {boots:?}");
        let runs = ask(&machine, &sandbox, "connect", &json!({"memory": false}));
        assert_eq!((runs.status, boot_id(&sandbox)), (200, boots[2].clone()), "{mode:?}: what runs is left alone");
        assert_eq!(ask(&machine, &sandbox, "pause", &json!({})).status, 204, "{mode:?}");
        let (woken, killed) = std::thread::scope(|scope| {
            let woken = scope.spawn(|| ask(&machine, &sandbox, "connect", &json!({"memory": false})).status);
            let path = format!("/sandboxes/{}", sandbox.id);
            let machine = &machine;
            let killed = scope.spawn(move || machine.control("DELETE", &path, &json!({})).status);
            (woken.join().unwrap(), killed.join().unwrap())
        });
        assert!(matches!((woken, killed), (201 | 404, 204 | 404)), "{mode:?} {woken} {killed}");
        assert!(machine.stop(), "{mode:?}: nothing waits for it");
    }
}

#[test]
fn sleepers_end_with_their_host_and_in_the_middle_of_waking() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let (one, other) = (machine.create(), machine.create());
        for sandbox in [&one, &other] {
            assert_eq!(ask(&machine, sandbox, "pause", &json!({"memory": false})).status, 204, "{mode:?}");
        }
        let (woken, killed) = std::thread::scope(|scope| {
            let woken = scope.spawn(|| ask(&machine, &one, "connect", &json!({"timeout": 60})).status);
            let killed =
                scope.spawn(|| machine.control("DELETE", &format!("/sandboxes/{}", one.id), &json!({})).status);
            (woken.join().unwrap(), killed.join().unwrap())
        });
        assert!(matches!((woken, killed), (200 | 201 | 404, 204 | 404)), "{mode:?} {woken} {killed}");
        let listed = machine.control("GET", "/v2/sandboxes", &json!({})).json();
        let listed: Vec<_> = listed.as_array().unwrap().iter().map(|sandbox| sandbox["sandboxID"].clone()).collect();
        if killed == 204 {
            assert_eq!(listed, [json!(other.id)], "{mode:?}: whoever was faster, it is gone");
        }
        let pid = machine.pid();
        if mode == Mode::Root {
            assert!(!groups_of(pid).is_empty());
        }
        assert!(machine.stop(), "{mode:?}: nothing waits for a sleeper");
        assert_eq!(groups_of(pid), [] as [std::path::PathBuf; 0], "{mode:?}");
    }
}

#[test]
fn time_that_is_up_may_keep_the_files_only() {
    let machine = Machine::start(modes()[0]);
    let wish = json!({"templateID": "base", "timeout": 1, "autoPause": true, "autoPauseMemory": false});
    let sandbox = machine.create_with(&wish);
    let until_paused = || {
        let started = std::time::Instant::now();
        while shown(&machine, &sandbox)["state"] != "paused" {
            assert!(started.elapsed() < std::time::Duration::from_secs(30), "its time is up after one second");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    until_paused();
    assert_eq!(ask(&machine, &sandbox, "connect", &json!({"timeout": 60})).status, 201);
    assert_eq!(sandbox.run("echo anew").stdout, "anew\n");
}

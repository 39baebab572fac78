//! Watching folders: by stream and by asking, with what is below and without.

use serde_json::{Value, json};

use super::machine::{EventStream, Machine, Sandbox, modes};

/// Begins to watch for a client that asks; the watcher's id.
fn create(sandbox: &Sandbox<'_>, body: Value) -> String {
    let answer = sandbox.rpc("/filesystem.Filesystem/CreateWatcher", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["watcherId"].as_str().unwrap().to_owned()
}

fn ask(sandbox: &Sandbox<'_>, id: &str) -> Value {
    sandbox.rpc("/filesystem.Filesystem/GetWatcherEvents", &json!({"watcherId": id})).json()
}

/// `KIND name` of each event since the last time.
fn events(sandbox: &Sandbox<'_>, id: &str) -> Vec<String> {
    let answer = ask(sandbox, id);
    let events = answer["events"].as_array().unwrap_or_else(|| panic!("{answer}"));
    events.iter().map(shown).collect()
}

fn shown(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap().strip_prefix("EVENT_TYPE_").unwrap();
    format!("{kind} {}", event["name"].as_str().unwrap())
}

/// The next event that is no sign of life.
fn next(stream: &mut EventStream) -> Value {
    loop {
        let event = stream.next_event().unwrap();
        if event.get("keepalive").is_none() {
            return event;
        }
    }
}

#[test]
fn a_new_file_of_a_client_is_three_events() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let id = create(&sandbox, json!({"path": "."}));
        sandbox.write("a", "one");
        assert_eq!(events(&sandbox, &id), ["CREATE a", "CHMOD a", "WRITE a"], "{mode:?}");
        assert_eq!(events(&sandbox, &id), [""; 0], "{mode:?}: told once");
        sandbox.run("mv a b; chmod 600 b; mkdir d; echo x > d/unseen; rm b");
        let expected = ["RENAME a", "CREATE b", "CHMOD b", "CREATE d", "REMOVE b"];
        assert_eq!(events(&sandbox, &id), expected, "{mode:?}");
        let removed = |id: &str| sandbox.rpc("/filesystem.Filesystem/RemoveWatcher", &json!({"watcher_id": id}));
        assert_eq!(removed(&id).status, 200);
        assert_eq!((removed(&id).status, ask(&sandbox, &id)["code"].as_str()), (404, Some("not_found")));
    }
}

#[test]
fn folders_that_come_to_be_are_watched_with_what_is_in_them_already() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.run("mkdir -p w/old/deep outside/in");
        let id = create(&sandbox, json!({"path": "w", "recursive": true}));
        sandbox.run("echo x > w/old/deep/f");
        assert_eq!(events(&sandbox, &id), ["CREATE old/deep/f", "WRITE old/deep/f"], "{mode:?}");
        // Faster than anybody could add a watch.
        sandbox.run("mkdir -p w/a/b/c; echo x > w/a/b/c/f; echo y > w/a/g; : > w/a/empty");
        let mut heard = events(&sandbox, &id);
        heard.sort();
        heard.dedup();
        let mut expected: Vec<_> =
            ["a", "a/b", "a/b/c", "a/b/c/f", "a/empty", "a/g"].map(|path| format!("CREATE {path}")).into();
        expected.extend(["WRITE a/b/c/f", "WRITE a/g"].map(str::to_owned));
        assert_eq!(heard, expected, "{mode:?}");
        sandbox.run("mv w/a w/z");
        assert_eq!(events(&sandbox, &id), ["RENAME a", "CREATE z"], "{mode:?}");
        sandbox.run("echo more >> w/z/b/c/f; mv outside w/inside");
        assert_eq!(events(&sandbox, &id), ["WRITE z/b/c/f", "CREATE inside"], "{mode:?}: known by its new path");
        sandbox.run("touch w/inside/in/f; mv w/inside .; touch inside/in/g");
        let expected = ["CREATE inside/in/f", "CHMOD inside/in/f", "RENAME inside"];
        assert_eq!(events(&sandbox, &id), expected, "{mode:?}: and not once it is outside");
        sandbox.run("rm -r w/z w/old");
        let heard = events(&sandbox, &id);
        assert_eq!(heard.iter().filter(|event| *event == "REMOVE z").count(), 1, "{mode:?}: once, {heard:?}");
        assert!(heard.contains(&"REMOVE old/deep/f".to_owned()), "{heard:?}");
    }
}

#[test]
fn a_stream_begins_tells_and_ends() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.run("mkdir d; ln -s d link");
        let watch =
            |body: Value, headers: &[(&str, &str)]| sandbox.stream("/filesystem.Filesystem/WatchDir", &body, headers);
        let mut stream = watch(json!({"path": "link", "includeEntry": true}), &[]);
        assert_eq!(next(&mut stream), json!({"start": {}}), "{mode:?}");
        sandbox.run("echo hello > d/f; rm d/f");
        let created = next(&mut stream);
        assert_eq!(shown(&created["filesystem"]), "CREATE f");
        assert_eq!(shown(&next(&mut stream)["filesystem"]), "WRITE f");
        let removed = next(&mut stream);
        assert_eq!((shown(&removed["filesystem"]).as_str(), removed["filesystem"].get("entry")), ("REMOVE f", None));
        sandbox.write("d/g", "kept");
        let entry = next(&mut stream)["filesystem"]["entry"].clone();
        assert_eq!((entry["path"].as_str(), entry["owner"].as_str()), (Some("/home/user/link/g"), Some("user")));
        let mut silent = watch(json!({"path": "d"}), &[("Keepalive-Ping-Interval", "1")]);
        assert_eq!(silent.next_event().unwrap(), json!({"start": {}}));
        assert_eq!(silent.next_event().unwrap(), json!({"keepalive": {}}));
        let mut short = watch(json!({"path": "/tmp"}), &[("Connect-Timeout-Ms", "50")]);
        assert_eq!(next(&mut short), json!({"start": {}}));
        assert_eq!(next(&mut short)["error"]["code"], "deadline_exceeded");
        for (path, code) in [
            ("missing", "not_found"),
            ("d/g", "invalid_argument"),
            ("", "invalid_argument"),
            ("/proc/1", "permission_denied"),
        ] {
            let refused = watch(json!({"path": path}), &[]).next_event().unwrap();
            assert_eq!(refused["error"]["code"], code, "{mode:?} {path:?} {refused}");
        }
        sandbox.kill();
        while stream.next_event().is_some() {}
        assert_eq!(sandbox.envd("GET", "/health", "", b"").status, 502, "{mode:?}: it broke off with the sandbox");
    }
}

#[test]
fn watching_is_bounded_and_leaves_no_descriptor() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let open = || std::fs::read_dir(format!("/proc/{}/fd", machine.pid())).unwrap().flatten();
    let inotify =
        || open().filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.ends_with("anon_inode:inotify"))).count();
    assert_eq!(inotify(), 0);
    let ids: Vec<_> = (0..32).map(|_| create(&sandbox, json!({"path": "/home/user", "recursive": true}))).collect();
    assert_eq!(inotify(), 1, "one for all watchers of a sandbox");
    let refused = |body: Value| sandbox.rpc("/filesystem.Filesystem/CreateWatcher", &body).json();
    assert_eq!(refused(json!({"path": "/tmp"}))["code"], "resource_exhausted");
    sandbox.write("f", "to all");
    for id in &ids {
        assert_eq!(events(&sandbox, id).len(), 3);
    }
    for id in &ids[1..] {
        sandbox.rpc("/filesystem.Filesystem/RemoveWatcher", &json!({"watcherId": id}));
    }
    // More than is kept for a client that does not ask, with names as long as they get.
    let flood =
        "import os\nfor n in range(6000):\n name = f'{n:05}' + 'x' * 200\n open(name, 'w').close(); os.remove(name)";
    sandbox.write("flood.py", flood);
    assert_eq!(sandbox.run("python3 flood.py").exit, Some(0));
    assert_eq!(ask(&sandbox, &ids[0])["code"], "resource_exhausted", "it says that something was lost");
    sandbox.rpc("/filesystem.Filesystem/RemoveWatcher", &json!({"watcherId": ids[0]}));
    let folders: u32 = sandbox.run("find /usr -type d | wc -l").stdout.trim().parse().unwrap();
    assert!(folders > 4096, "this machine has that many, or the check below proves nothing");
    assert_eq!(refused(json!({"path": "/usr", "recursive": true}))["code"], "resource_exhausted", "too many folders");
    assert_eq!(sandbox.run("echo alive").stdout, "alive\n");
    let mut left = inotify();
    for _ in 0..1000 {
        if left == 0 {
            break;
        }
        // The task that ends is another thread's: give it the processor.
        std::thread::yield_now();
        sandbox.run("true");
        left = inotify();
    }
    assert_eq!(left, 0, "nobody watches any more");
}

#[test]
fn programs_cannot_use_up_the_machines_inotify() {
    const TAKE: &str =
        "import ctypes\nlibc = ctypes.CDLL(None)\nprint(sum(libc.inotify_init() >= 0 for n in range(200)))";
    for mode in modes() {
        let machine = Machine::start(mode);
        let (greedy, other) = (machine.create(), machine.create());
        greedy.write("take.py", TAKE);
        let mut holder = greedy.start("python3 -i take.py < <(sleep 1000)", &[]);
        holder.until("16\n");
        assert_eq!(greedy.run("python3 take.py").stdout, "0\n", "{mode:?}: together, not each");
        create(&other, json!({"path": "."}));
        create(&greedy, json!({"path": "."}));
    }
}

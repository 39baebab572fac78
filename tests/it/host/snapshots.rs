//! Snapshots and forks with real sandboxes: what comes back, what forged ones do, and what is left of those that
//! break off.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::machine::{Machine, Mode, Sandbox, modes};

fn snapshot(machine: &Machine, sandbox: &Sandbox<'_>, body: &Value) -> super::machine::Answer {
    machine.control("POST", &format!("/sandboxes/{}/snapshots", sandbox.id), body)
}

fn from<'a>(machine: &'a Machine, template: &str) -> Sandbox<'a> {
    machine.create_with(&json!({ "templateID": template }))
}

/// Files in the snapshots' folder.
fn stored(machine: &Machine) -> Vec<PathBuf> {
    let entries = fs::read_dir(machine.folder.path().join("snapshots")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn running(machine: &Machine) -> usize {
    machine.control("GET", "/v2/sandboxes", &json!({})).json().as_array().unwrap().len()
}

/// Descriptors of the host's process.
fn descriptors(machine: &Machine) -> usize {
    fs::read_dir(format!("/proc/{}/fd", machine.pid())).unwrap().count()
}

/// Waits for what takes a moment; the bound only ends a test that fails.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "waited for: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_snapshot_outlives_its_sandbox_and_its_host() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let make = "mkdir -p d/e && echo one > d/e/one && chmod 640 d/e/one && ln d/e/one two && ln -s /etc/passwd link \
            && truncate -s 20M sparse && echo t > /tmp/t && echo v > /var/tmp/v && echo s > /dev/shm/s && mkfifo pipe \
            && echo closed > closed && chmod 000 closed && chmod 500 d && touch -d @5.000000007 . \
            && touch -h -d @9 link";
        assert_eq!(sandbox.run(make).exit, Some(0), "{mode:?}");
        let tag = "python3 -c \"import os; os.setxattr('two', 'user.e2b.author', b'mish')\"; touch -d @5.000000007 .";
        assert_eq!(sandbox.run(tag).exit, Some(0), "{mode:?}");
        let look = "cat d/e/one two /tmp/t /var/tmp/v; stat -c '%n %a %U %h %y' . /tmp d d/e d/e/one two link sparse \
            closed; stat -c %s sparse closed; test d/e/one -ef two && echo same; readlink link; du -k sparse | cut -f1; \
            python3 -c \"import os; print(os.getxattr('two', 'user.e2b.author'))\"";
        let before = sandbox.run(look).stdout;
        let taken = snapshot(&machine, &sandbox, &json!({"name": "snap"}));
        assert_eq!(taken.status, 201, "{mode:?} {}", taken.text());
        let taken = taken.json();
        assert_eq!((&taken["snapshotID"], &taken["names"]), (&json!("snap:default"), &json!(["snap:default"])));
        assert!(taken["bytes"].as_u64().unwrap() < 100_000, "holes and zeroes take next to nothing: {taken}");
        assert_eq!(sandbox.run(look).stdout, before, "{mode:?}: taking it changes nothing");
        let unnamed = snapshot(&machine, &sandbox, &json!({})).json();
        assert_eq!(unnamed["names"], json!([]));
        sandbox.kill();
        let machine = machine.crash_and_restart(mode);
        let listed = machine.control("GET", "/snapshots?name=snap", &json!({})).json();
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["snapshotID"]), (1, &json!("snap:default")));
        for name in ["snap", unnamed["snapshotID"].as_str().unwrap()] {
            let copy = from(&machine, name);
            assert_eq!(copy.run(look).stdout, before, "{mode:?} {name}");
            let gone = copy.run("cat closed; test -e pipe; echo $?; ls /dev/shm; chmod 600 closed; cat closed");
            assert_eq!(gone.stdout, "1\nclosed\n", "{mode:?} {name}");
            copy.kill();
        }
        for (code, name) in [(204, "snap%3Adefault"), (404, "snap"), (403, "base"), (404, "..%2Fhost.key")] {
            let deleted = machine.control("DELETE", &format!("/templates/{name}"), &json!({}));
            assert_eq!(deleted.status, code, "{mode:?} {name}");
        }
        let unknown = machine.control("POST", "/v2/sandboxes", &json!({"templateID": "snap"}));
        assert_eq!((unknown.status, unknown.json()["code"].as_u64()), (404, Some(404)));
        assert_eq!(stored(&machine).len(), 2, "{mode:?}: the one without a name");
    }
}

#[test]
fn forks_are_made_of_one_capture_and_told_of_one_by_one() {
    for mode in modes() {
        let machine = Machine::start_in(mode, tempfile::tempdir().unwrap(), &[("HOST_TEST_SANDBOXES", "3")]);
        let sandbox = machine.create();
        sandbox.write("state", "before");
        let path = format!("/sandboxes/{}/fork", sandbox.id);
        let answer = machine.control("POST", &path, &json!({"count": 4, "timeout": 60}));
        assert_eq!(answer.status, 201, "{mode:?} {}", answer.text());
        let forks = answer.json();
        let forks = forks.as_array().unwrap();
        let made: Vec<_> = forks.iter().filter_map(|fork| fork.get("sandbox")).collect();
        let failed: Vec<_> = forks.iter().filter_map(|fork| fork.get("error")).collect();
        assert_eq!((made.len(), failed.len()), (2, 2), "{mode:?} {forks:?}");
        assert!(failed.iter().all(|error| error["code"] == 429 && error["message"].is_string()), "{failed:?}");
        let ids: std::collections::BTreeSet<_> = made.iter().map(|fork| fork["sandboxID"].as_str().unwrap()).collect();
        assert_eq!((ids.len(), ids.contains(sandbox.id.as_str())), (2, false));
        let forks = made.iter().map(|made| machine.known(made)).collect::<Vec<_>>();
        assert_eq!(forks[0].run("cat state; echo after > state; echo $GREETING").stdout, "beforehello\n");
        assert_eq!(forks[1].run("cat state").stdout, "before");
        assert_eq!(sandbox.run("cat state").stdout, "before", "{mode:?}");
        assert_eq!(stored(&machine), [] as [PathBuf; 0], "{mode:?}: a fork keeps nothing");
        for count in [0, 21] {
            assert_eq!(machine.control("POST", &path, &json!({ "count": count })).status, 400);
        }
        sandbox.kill();
        assert_eq!(machine.control("POST", &path, &json!({})).status, 404);
    }
}

#[test]
fn programs_stand_still_while_their_files_are_taken_and_go_on() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        // Between the two in the order of a walk, so that taking it gives them time to part.
        let count = "echo 0 > a; head -c 3M /dev/urandom > large; echo 0 > b; n=0; while true; do n=$((n + 1)); \
            echo $n > new; mv new a; echo $n > new; mv new b; [ $n = 100 ] && echo counting; done";
        let mut program = sandbox.start(count, &[]);
        program.until("counting");
        assert_eq!(snapshot(&machine, &sandbox, &json!({"name": "still"})).status, 201, "{mode:?}");
        let goes_on = "old=$(cat b); while [ $(cat b) -le $((old + 100)) ]; do :; done; echo on";
        assert_eq!(sandbox.run(goes_on).stdout, "on\n", "{mode:?}");
        let copy = from(&machine, "still");
        let apart = copy.run("echo $(($(cat a) - $(cat b)))").stdout;
        assert!(apart == "0\n" || apart == "1\n", "{mode:?}: {apart}");
        assert_eq!(sandbox.run("true").exit, Some(0));
    }
}

#[test]
fn what_is_kept_is_bounded() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    assert_eq!(sandbox.run("head -c 12M /dev/urandom > large").exit, Some(0));
    let refused = snapshot(&machine, &sandbox, &json!({}));
    assert_eq!((refused.status, refused.json()["code"].as_u64()), (507, Some(507)), "{}", refused.text());
    assert_eq!(stored(&machine), [] as [PathBuf; 0]);
    assert_eq!(sandbox.run("rm large").exit, Some(0));
    for name in ["a", "b", "c", "c"] {
        assert_eq!(snapshot(&machine, &sandbox, &json!({ "name": name })).status, 201, "{name}");
    }
    let refused = snapshot(&machine, &sandbox, &json!({"name": "d"}));
    assert_eq!((refused.status, refused.json()["code"].as_u64()), (507, Some(507)));
    assert_eq!(stored(&machine).len(), 6);
    for (limit, more) in [(2, true), (3, false)] {
        let page = machine.control("GET", &format!("/snapshots?limit={limit}"), &json!({}));
        assert_eq!(page.json().as_array().unwrap().len(), limit);
        assert_eq!(page.headers.contains("x-next-token: "), more);
    }
    for name in ["", "base", "../x", "a b"] {
        let status = snapshot(&machine, &sandbox, &json!({ "name": name })).status;
        assert_eq!(status, if name.is_empty() { 507 } else { 400 }, "{name:?}");
    }
    let deep = "python3 -c \"import os\nfor n in range(300): os.mkdir('d'); os.chdir('d')\"";
    assert_eq!(sandbox.run(deep).exit, Some(0));
    assert_eq!(snapshot(&machine, &sandbox, &json!({})).status, 413, "too deep");
}

#[test]
fn a_capture_that_breaks_off_leaves_nothing() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let fill = "head -c 6M /dev/urandom > large; for n in $(seq 500); do echo $n > $n; done";
        let other = machine.create();
        let before = descriptors(&machine);
        let sandbox = machine.create();
        assert_eq!(sandbox.run(fill).exit, Some(0));
        let answer = std::thread::scope(|scope| {
            let call = scope.spawn(|| snapshot(&machine, &sandbox, &json!({})));
            until("the capture has begun", || !stored(&machine).is_empty() || call.is_finished());
            sandbox.kill();
            call.join().unwrap()
        });
        // On a machine that is fast enough it was done before.
        assert!(matches!(answer.status, 201 | 404), "{mode:?} {}", answer.text());
        assert_eq!(stored(&machine).len(), if answer.status == 201 { 2 } else { 0 }, "{mode:?}");
        assert_eq!(other.run("echo alive").stdout, "alive\n");
        until("descriptors are back", || descriptors(&machine) <= before);
        let sandbox = machine.create();
        assert_eq!(sandbox.run(fill).exit, Some(0));
        let already = stored(&machine).len();
        let path = format!("/sandboxes/{}/snapshots", sandbox.id);
        let unanswered = crate::wire::send(machine.address, "POST", &path, &[("X-API-Key", &machine.key)], b"{}");
        until("the capture has begun", || stored(&machine).len() > already);
        let machine = machine.crash_and_restart(mode);
        drop(unanswered);
        let parts = stored(&machine).into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "part"));
        assert_eq!(parts.count(), 0, "{mode:?}: swept");
        let listed = machine.control("GET", "/snapshots", &json!({})).json().as_array().unwrap().len();
        assert_eq!(stored(&machine).len(), 2 * listed, "{mode:?}: whole or not at all");
    }
}

/// An archive as a sandbox that was taken over could have written it.
struct Forgery(Vec<u8>);

impl Forgery {
    fn new() -> Self {
        Self(b"spawnai files 1\n".to_vec())
    }

    fn frame(mut self, tag: u8, payload: &[u8]) -> Self {
        self.0.push(tag);
        self.0.extend((payload.len() as u32).to_be_bytes());
        self.0.extend(payload);
        self
    }

    /// `kind` and what follows it, as the archive has it.
    fn entry(self, path: &str, mode: u32, owner: u32, kind: &[u8]) -> Self {
        let mut payload = Vec::new();
        for number in [mode, owner, owner, 0] {
            payload.extend(number.to_be_bytes());
        }
        payload.extend(0u64.to_be_bytes());
        payload.extend((path.len() as u32).to_be_bytes());
        payload.extend(path.as_bytes());
        payload.extend(kind);
        payload.extend(0u32.to_be_bytes());
        self.frame(b'E', &payload)
    }

    fn folder(self, path: &str) -> Self {
        self.entry(path, 0o755, 1000, &[0])
    }

    fn file(self, path: &str, content: &str) -> Self {
        let kind = [&[1], &(content.len() as u64).to_be_bytes()[..]].concat();
        let data = [&0u64.to_be_bytes()[..], content.as_bytes()].concat();
        self.entry(path, 0o644, 1000, &kind).frame(b'D', &data)
    }

    fn link(self, kind: u8, path: &str, target: &str) -> Self {
        let kind = [&[kind], &(target.len() as u32).to_be_bytes()[..], target.as_bytes()].concat();
        self.entry(path, 0o777, 1000, &kind)
    }

    fn symlink(self, path: &str, target: &str) -> Self {
        self.link(2, path, target)
    }

    fn hard_link(self, path: &str, target: &str) -> Self {
        self.link(3, path, target)
    }

    fn end(self, entries: u64, bytes: u64) -> Self {
        let totals = [entries.to_be_bytes(), bytes.to_be_bytes()].concat();
        self.frame(b'Z', &totals)
    }

    /// Puts it where snapshot `id` has its files.
    fn plant(&self, folder: &Path, id: &str) {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&self.0).unwrap();
        plant(folder, id, &packed.finish().unwrap());
    }
}

fn plant(folder: &Path, id: &str, files: &[u8]) {
    let folder = folder.join("snapshots");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{id}.files")), files).unwrap();
    let record = json!({"format": 1, "id": id, "name": null, "sandbox": "iabc", "template": "base",
        "createdAt": "2026-01-01T00:00:00.000Z", "bytes": files.len()});
    fs::write(folder.join(format!("{id}.json")), record.to_string()).unwrap();
    // As the host's user would have them.
    for path in [folder.clone(), folder.join(format!("{id}.files")), folder.join(format!("{id}.json"))] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if path.is_dir() { 0o777 } else { 0o666 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_forged_snapshot_harms_nobody() {
    let new = Forgery::new;
    let many = || (0..5000).fold(new(), |forgery, number| forgery.file(&format!("tmp/{number}"), "x"));
    let bomb = || {
        (0..300).fold(new().entry("tmp/a", 0o644, 0, &[1, 0, 0, 0, 0, 4, 0, 0, 0]), |forgery, _| {
            forgery.frame(b'D', &[0; 256 * 1024])
        })
    };
    let forgeries = [
        ("absolute", new().file("/etc/passwd", "x").end(1, 1), 500),
        ("dots", new().file("tmp/../etc/passwd", "x").end(1, 1), 500),
        ("elsewhere", new().file("etc/passwd", "x").end(1, 1), 500),
        ("proc", new().file("proc/self/mem", "x").end(1, 1), 500),
        ("devices", new().file("dev/shm/x", "x").end(1, 1), 500),
        ("through a link", new().symlink("tmp/a", "/").file("tmp/a/home/user/x", "x").end(2, 1), 500),
        ("over a link", new().symlink("tmp/a", "/etc/passwd").file("tmp/a", "x").end(2, 1), 500),
        ("folder over a link", new().symlink("tmp/a", "/").folder("tmp/a").end(2, 0), 500),
        ("hard link out", new().hard_link("tmp/a", "etc/passwd").end(1, 0), 500),
        ("hard link through", new().symlink("tmp/a", "/etc").hard_link("tmp/b", "tmp/a/passwd").end(2, 0), 500),
        ("hard link up", new().hard_link("tmp/a", "tmp/../../etc/passwd").end(1, 0), 500),
        ("device", new().entry("tmp/a", 0o666, 0, &[4]).end(1, 0), 500),
        ("mode of a device", new().entry("tmp/a", 0o020_666, 0, &[1, 0, 0, 0, 0, 0, 0, 0, 0]).end(1, 0), 500),
        ("twice", new().file("tmp/a", "x").file("tmp/a", "y").end(2, 2), 500),
        ("huge", new().entry("tmp/a", 0o644, 0, &[[1].as_slice(), &[0xff; 8]].concat()).end(1, 0), 507),
        ("many", many(), 507),
        ("bomb", bomb(), 507),
        ("empty frames", new().file("tmp/a", "x").frame(b'D', &[0; 8]).end(1, 1), 500),
        ("no end", new().file("tmp/a", "x"), 500),
        ("wrong end", new().file("tmp/a", "x").end(7, 7), 500),
        ("nothing", Forgery(Vec::new()), 500),
    ];
    for mode in modes() {
        let folder = tempfile::tempdir().unwrap();
        let id = |number: usize| format!("{number:0>20}");
        for (number, (_, forgery, _)) in forgeries.iter().enumerate() {
            forgery.plant(folder.path(), &id(number));
        }
        plant(folder.path(), &id(90), b"no gzip");
        let honest = Forgery::new().entry("tmp/root", 0o4755, 0, &[1, 0, 0, 0, 0, 0, 0, 0, 0]);
        let honest = honest.entry("tmp/stranger", 0o644, 77, &[1, 0, 0, 0, 0, 0, 0, 0, 0]).symlink("tmp/a", "/etc");
        honest.end(3, 0).plant(folder.path(), &id(91));
        let machine = Machine::start_in(mode, folder, &[]);
        // What the host opens once and keeps is there from the first one on.
        machine.create().kill();
        let before = descriptors(&machine);
        for (number, (what, _, code)) in forgeries.iter().enumerate() {
            if *what == "bomb" && mode != modes()[0] {
                // It takes its time, and met the same bound.
                continue;
            }
            let refused = machine.control("POST", "/v2/sandboxes", &json!({"templateID": id(number)}));
            let told = refused.json()["code"].as_u64();
            assert_eq!((refused.status, told), (*code, Some(u64::from(*code))), "{mode:?} {what}: {}", refused.text());
            assert_eq!(running(&machine), 0, "{mode:?} {what}");
        }
        let refused = machine.control("POST", "/v2/sandboxes", &json!({"templateID": id(90)}));
        assert_eq!((refused.status, refused.text().contains("damaged")), (500, true), "{}", refused.text());
        until("descriptors are back", || descriptors(&machine) <= before);
        // Owners that a sandbox does not have are its user; what root owned is root's, and no way to become it.
        let copy = from(&machine, &id(91));
        let owner = if mode == Mode::Root { "root" } else { "user" };
        let seen = copy.run("stat -c '%U %a' /tmp/root /tmp/stranger; cat /tmp/a/hostname; ls /tmp | wc -l").stdout;
        assert_eq!(seen, format!("{owner} 4755\nuser 644\nsandbox\n3\n"), "{mode:?}");
        assert_eq!(machine.create().run("echo alive").stdout, "alive\n");
    }
}

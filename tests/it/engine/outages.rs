//! The store goes away and comes back: what was accepted goes on, what was refused is nowhere, and nobody has to help.

use std::{
    fs,
    io::Write,
    panic::AssertUnwindSafe,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    stand::{Engine, Session, eventually},
    starts::{ended, without},
    stores::wrong,
};
use crate::{postgres::Server, wire::Answer};

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

/// Waits until the engine says that its store is down, and holds what it then does to what it should.
fn is_down(engine: &Engine, why: &str) {
    let health = eventually("the store is down", || {
        let answer = engine.get("/health");
        (answer.status == 503).then(|| answer.json())
    });
    let store = health["dependencies"].as_array().unwrap().iter().find(|one| one["name"] == "store").unwrap();
    assert_eq!(store["status"], "down", "{health}");
    assert!(store["reason"].as_str().unwrap().contains(why), "{store}");
    let refused = engine.ask("a poll", "webapp");
    assert_eq!((refused.status, code(&refused).as_str()), (503, "store_unavailable"), "{}", refused.text());
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(wait >= 1);
}

fn is_back(engine: &Engine) {
    eventually("the store is back", || (engine.get("/health").status == 200).then_some(()));
}

fn sessions(engine: &Engine) -> Vec<Value> {
    engine.read("/api/spawn?limit=200")["sessions"].as_array().unwrap().clone()
}

/// Spawns without a pause while `disturb` does what it does; then all that were accepted must come to life, and none that
/// was refused may be left but as an error.
fn under_load(engine: &Engine, kept: &Session<'_>, disturb: impl FnOnce()) {
    let over = AtomicBool::new(false);
    let accepted = std::thread::scope(|scope| {
        let spawners: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut accepted = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        let answer = engine.ask("a calculator", "webapp");
                        match answer.status {
                            202 => accepted.push(answer.json()),
                            503 => assert!(answer.header("retry-after").is_some(), "{}", answer.text()),
                            // The plan's bound is as far as the load goes; it has been there, then.
                            429 => std::thread::sleep(Duration::from_millis(50)),
                            other => panic!("{other}: {}", answer.text()),
                        }
                        std::thread::sleep(Duration::from_millis(150));
                    }
                    accepted
                })
            })
            .collect();
        // Also when it fails: the load would go on for ever.
        let disturbed = std::panic::catch_unwind(AssertUnwindSafe(disturb));
        over.store(true, Ordering::Relaxed);
        let accepted: Vec<_> = spawners.into_iter().flat_map(|spawner| spawner.join().unwrap()).collect();
        disturbed.map(|()| accepted).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    is_back(engine);
    for told in &accepted {
        let session = engine.session(told).ready();
        assert_eq!(session.page().status, 200);
        session.destroy();
    }
    let accepted = accepted.iter().map(|told| told["sessionId"].as_str().unwrap());
    let ids: Vec<&str> = accepted.chain([kept.id.as_str()]).collect();
    eventually("what was refused has ended", || {
        let open = sessions(engine).into_iter().filter(|view| !ids.contains(&view["sessionId"].as_str().unwrap()));
        open.into_iter().all(|view| ["error", "expired"].contains(&view["status"].as_str().unwrap())).then_some(())
    });
}

const LOADED: [(&str, &str); 5] = [
    // At the bound of sessions the answer would be another one.
    ("SPAWNAI_PLAN", "pro"),
    ("SPAWNAI_SPAWN_PER_MINUTE", "100000"),
    ("SPAWNAI_SPAWN_BURST", "100000"),
    ("SPAWNAI_TOTAL_DAY_BUDGET_USD", "1000"),
    ("SPAWNAI_USER_DAY_BUDGET_USD", "1000"),
];

#[test]
fn a_server_that_goes_and_comes_is_a_pause() {
    let (folder, mut server) = (tempfile::tempdir().unwrap(), Server::start());
    let url = server.database("apps");
    let mut settings = vec![("DATABASE_URL", url.as_str())];
    settings.extend(LOADED);
    let engine = Engine::start_in(folder.path(), &settings);
    let kept = engine.spawn("a todo app", "webapp").ready();

    server.stop();
    is_down(&engine, "postgres://spawnai@");
    assert_eq!(kept.page().status, 200, "an app needs no store");
    assert_eq!(kept.show()["status"], "ready");
    let refused = engine.call("DELETE", &kept.path(""), &Value::Null);
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(server.run());
    is_back(&engine);

    // As after a failover to a server that only follows another.
    server.sql("apps", "ALTER SYSTEM SET default_transaction_read_only = on");
    server.sql("apps", "SELECT pg_reload_conf()");
    is_down(&engine, "read-only");
    server.sql("apps", "ALTER SYSTEM RESET default_transaction_read_only");
    server.sql("apps", "SELECT pg_reload_conf()");
    is_back(&engine);

    under_load(&engine, &kept, || {
        std::thread::sleep(Duration::from_secs(1));
        server.stop();
        std::thread::sleep(Duration::from_secs(3));
        assert!(server.run());
        std::thread::sleep(Duration::from_secs(2));
    });
    assert_eq!(kept.page().status, 200);
    kept.destroy();
    engine.stop(Signal::TERM);
    assert_eq!(wrong(folder.path(), &settings), [] as [String; 0]);
}

#[test]
fn a_server_that_stands_still_is_a_pause() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start());
    let url = server.database("apps");
    let mut settings = vec![("DATABASE_URL", url.as_str())];
    settings.extend(LOADED);
    let engine = Engine::start_in(folder.path(), &settings);
    let kept = engine.spawn("a todo app", "webapp").ready();
    under_load(&engine, &kept, || {
        std::thread::sleep(Duration::from_secs(1));
        server.signal_all(Signal::STOP);
        is_down(&engine, "no answer");
        assert_eq!(kept.page().status, 200, "an app needs no store");
        std::thread::sleep(Duration::from_secs(8));
        server.signal_all(Signal::CONT);
        std::thread::sleep(Duration::from_secs(2));
    });
    kept.destroy();
    engine.stop(Signal::TERM);
    assert_eq!(wrong(folder.path(), &settings), [] as [String; 0]);
}

/// An engine whose SQLite file lies on a small disk of its own, which only its mount namespace has.
fn on_a_small_disk(folder: &Path) -> Engine {
    let disk = folder.join("disk");
    fs::create_dir(&disk).unwrap();
    let preparation = format!("mount -t tmpfs -o size=2m tmpfs {}", disk.display());
    let mut command = without(folder, &["--mount"], &preparation);
    command.env("DATABASE_URL", format!("sqlite://{}", disk.join("spawnai.db").display()));
    Engine::of(command, folder)
}

#[test]
fn a_disk_that_is_full_is_a_pause() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let engine = on_a_small_disk(folder.path());
    let disk = folder.path().join("disk");
    let inside = Path::new("/proc").join(engine.pid().to_string()).join("root").join(disk.strip_prefix("/").unwrap());
    let kept = engine.spawn("a todo app", "webapp").ready();

    let filler = inside.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write(&[0x5a; 4096]).is_ok_and(|written| written > 0) {}
    // What the log has already taken of the disk still serves; commits use it up.
    let used_up = eventually("the disk is full", || {
        let answer = engine.call("POST", &kept.path("/extend"), &json!({"additionalHours": 0.02}));
        (answer.status != 200).then_some(answer.status)
    });
    assert_eq!(used_up, 503);
    is_down(&engine, "full");
    assert_eq!(kept.page().status, 200, "an app needs no store");
    fs::remove_file(&filler).unwrap();
    drop(file);
    is_back(&engine);
    engine.spawn("a calculator", "webapp").ready().destroy();

    kept.destroy();

    // The disk goes with the engine: what it left is looked at in a copy.
    for name in ["spawnai.db", "spawnai.db-wal", "spawnai.db-shm"] {
        fs::copy(inside.join(name), folder.path().join(name)).unwrap();
    }
    let copy = format!("sqlite://{}", folder.path().join("spawnai.db").display());
    assert_eq!(wrong(folder.path(), &[("DATABASE_URL", &copy)]), [] as [String; 0]);
    engine.stop(Signal::TERM);
}

#[test]
fn a_disk_that_takes_no_writes_is_named_at_the_start() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("database");
    fs::create_dir(&database).unwrap();
    let url = format!("sqlite://{}", database.join("spawnai.db").display());
    Engine::start_in(folder.path(), &[("DATABASE_URL", &url)]).stop(Signal::TERM);
    let preparation = format!("mount --bind {0} {0}\nmount -o remount,bind,ro {0}", database.display());
    let mut command = without(folder.path(), &["--mount"], &preparation);
    let (code, said) = ended(command.env("DATABASE_URL", &url));
    assert!(code == Some(1) && said.contains("spawnai.db") && said.contains("writable"), "{said}");
}

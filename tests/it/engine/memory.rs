//! Memory: an app that is killed for it says so. And what a sandbox used is told beside what it cost.

use std::{
    net::SocketAddr,
    os::unix::{fs::chown, process::CommandExt as _},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::stand::{Engine, Session, eventually, spawnai};
use crate::{
    host::machine::{self, Mode, modes},
    wire,
};

const ANYBODY: u32 = 12345;
/// Takes more than the sandbox has in pieces that are each smaller than an app of node.
const CROWD: &str =
    "exec python3 -c 'import os, time\nfor _ in range(45): os.fork() or [bytearray(16 << 20), time.sleep(1000)]'";

/// An engine that runs as root, or as somebody else.
fn engine(mode: Mode) -> (Engine, TempDir) {
    let own = tempfile::tempdir().unwrap();
    let given = spawnai(own.path());
    let mut command = Command::new(machine::executables().1);
    command.arg("serve").current_dir(own.path()).env_clear();
    command.envs(given.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    if mode == Mode::Rootless && rustix::process::geteuid().is_root() {
        for folder in [own.path().to_owned(), own.path().join("tmp")] {
            chown(folder, Some(ANYBODY), Some(ANYBODY)).unwrap();
        }
        command.uid(ANYBODY).gid(ANYBODY);
    }
    (Engine::of(command, own.path()), own)
}

/// Starts a command in the sandbox of a live session, as the host's own clients would.
fn run_beside(engine: &Engine, session: &Session<'_>, command: &str) {
    let said = engine.said();
    let line = said.lines().find(|line| line.contains("sandbox host up")).unwrap();
    let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
    let host: SocketAddr = address.parse().unwrap();
    let key = std::fs::read_to_string(engine.folder().join("data/host.key")).unwrap();
    let sandbox = session.show()["sandboxId"].as_str().unwrap().to_owned();
    let detail = wire::call(host, "GET", &format!("/sandboxes/{sandbox}"), &[("X-API-Key", &key)], b"").json();
    let headers = [
        ("E2b-Sandbox-Id", sandbox.as_str()),
        ("X-Access-Token", detail["envdAccessToken"].as_str().unwrap()),
        ("Content-Type", "application/connect+json"),
    ];
    let body = json!({"process": {"cmd": "/bin/bash", "args": ["-c", command]}, "stdin": false});
    let started = wire::send(host, "POST", "/process.Process/Start", &headers, &machine::frame(&body));
    // It runs on without a listener.
    drop(started);
}

#[test]
fn an_app_that_is_killed_for_memory_says_so() {
    for mode in modes() {
        let (engine, _folder) = engine(mode);
        let session = engine.spawn("a todo app", "webapp").ready();
        for restart in 1..=4 {
            run_beside(&engine, &session, CROWD);
            eventually("it was killed and lives again, or is given up", || {
                let view = session.show();
                let again = view["restarts"] == restart && view["status"] == "ready";
                (again || view["status"] == "error").then_some(())
            });
        }
        let view = session.until("error");
        assert_eq!(view["error"]["code"], "app_exited", "{mode:?} {view}");
        let message = view["errorMessage"].as_str().unwrap();
        assert!(message.contains("its sandbox was out of memory"), "{mode:?} {message}");
    }
}

#[test]
fn what_a_sandbox_used_is_told_beside_what_it_cost() {
    let engine = Engine::start(&[]);
    let session = engine.spawn("a todo app", "webapp").ready();
    assert_eq!(session.page().status, 200);
    session.destroy();
    let kinds = eventually("the sandbox's use is known once it is gone", || {
        let usage = engine.read("/api/usage");
        let kinds = usage["users"][0]["kinds"].as_array().cloned().unwrap_or_default();
        (kinds.len() >= 6).then_some(kinds)
    });
    let kind = |name: &str| kinds.iter().find(|kind| kind["kind"] == name).unwrap_or_else(|| panic!("{name}")).clone();
    for (name, unit) in [("cpu_used", "cpu_ms"), ("stored", "bytes"), ("sent", "bytes")] {
        let used = kind(name);
        assert!(used["quantity"].as_i64() > Some(0), "{used}");
        assert_eq!((&used["unit"], used["cost"].as_f64()), (&json!(unit), Some(0.0)), "{used}");
    }
    assert_eq!(kind("memory_used")["unit"], "mib_ms");
    let spent: f64 = ["cpu", "memory"].map(|name| kind(name)["cost"].as_f64().unwrap()).iter().sum();
    let total: Value = engine.read("/api/usage")["total"].clone();
    assert!((total.as_f64().unwrap() - spent).abs() < 1e-9, "{total} is what was given, and not what was used");
}

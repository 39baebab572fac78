//! `spawnai spawn` with no engine about: it starts one in its own process, and takes it along when it ends.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Child, ChildStdout, Command},
    sync::mpsc,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{
    claude::scripted,
    stand::{BINARY, Engine, eventually, spawnai},
    traces::{Process, descendants, groups, mounts},
};
use crate::claude::{answers::KEY, server::Reply};

const ANYBODY: u32 = 12345;

/// Where no engine answers, so that `spawn` starts one.
const NOWHERE: (&str, &str) = ("SPAWNAI_URL", "http://127.0.0.1:9");

/// A command whose standard output is read as it comes.
pub struct Running {
    pub child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// Reads standard output until what came holds `end`.
    pub fn until(&mut self, end: &str) -> String {
        let mut seen = String::new();
        while !seen.contains(end) {
            if self.out.read_line(&mut seen).unwrap() == 0 {
                let mut said = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("it ended after\n{seen}\nand said\n{said}");
            }
        }
        seen
    }

    /// Interrupts it, and gives its exit code and all that it has still said.
    pub fn interrupt(self) -> (Option<i32>, String, String) {
        self.end(Signal::INT)
    }

    pub fn end(mut self, signal: Signal) -> (Option<i32>, String, String) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (self.child.wait().unwrap().code(), out, err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The app's page, asked of the gateway at the address that was printed.
fn visit(folder: &Path, url: &str) -> String {
    let authority = url.strip_prefix("https://").unwrap();
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--cacert"])
        .arg(folder.join("data/ca.pem"))
        .args(["--resolve", &format!("{authority}:127.0.0.1"), url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub fn leaves_nothing(pid: u32, processes: &std::collections::BTreeSet<Process>, mounted: &str) {
    assert!(!processes.is_empty(), "or this proves nothing");
    eventually("no process of it lives", || (!processes.iter().any(Process::lives)).then_some(()));
    assert!(groups(pid).is_empty());
    assert_eq!(mounts(), mounted);
}

#[test]
fn it_ends_at_once_when_it_is_told_to_while_the_app_is_made() {
    for signal in [Signal::INT, Signal::TERM] {
        let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
        let (asked, wait) = mpsc::channel::<()>();
        let server = scripted(move |_| {
            asked.send(()).unwrap();
            Reply::silence()
        });
        let mut command = spawnai(folder.path());
        command.args(["spawn", "a page that greets"]).envs([NOWHERE]);
        command.env("ANTHROPIC_API_KEY", KEY).env("ANTHROPIC_BASE_URL", server.url());
        let mut running = Running::start(command);
        running.until("Writing the app");
        wait.recv().unwrap();
        let pid = running.child.id();
        let processes = eventually("a sandbox waits", || Some(descendants(pid)).filter(|found| !found.is_empty()));
        let (code, _, said) = running.end(signal);
        assert_eq!(code, Some(130), "{said}");
        assert!(said.contains("the session ends with the engine"), "{said}");
        leaves_nothing(pid, &processes, &mounted);
    }
}

#[test]
fn in_a_pipe_it_prints_the_way_and_the_address_and_ends_with_the_app() {
    let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
    let mut command = spawnai(folder.path());
    command.args(["spawn", "Build me a simple todo app"]).envs([NOWHERE]);
    let mut running = Running::start(command);
    let seen = running.until("browsers: import that file");
    let url = seen.split_whitespace().find(|word| word.starts_with("https://")).unwrap_or_else(|| panic!("{seen}"));
    assert!(!seen.contains('\u{1b}'), "no terminal, no colours: {seen:?}");
    for expected in ["Writing the app", "Your app is live", "built-in, todo", "$0."] {
        assert!(seen.contains(expected), "no {expected} in\n{seen}");
    }
    assert!(visit(folder.path(), url).contains("<!doctype html>"));
    let (pid, processes) = (running.child.id(), descendants(running.child.id()));
    let (code, _, said) = running.interrupt();
    assert_eq!(code, Some(0), "{said}");
    leaves_nothing(pid, &processes, &mounted);
    // What was its own is over, and no later engine takes it up.
    let engine = Engine::start_in(folder.path(), &[]);
    let sessions = engine.read("/api/spawn")["sessions"].clone();
    assert_eq!((&sessions[0]["status"], &sessions[0]["endReason"]), (&"expired".into(), &"destroyed".into()));
}

#[test]
fn as_json_it_is_one_document() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = spawnai(folder.path());
    command.args(["spawn", "--json", "--type", "api", "an API for books"]).envs([NOWHERE]);
    let mut running = Running::start(command);
    let mut seen = running.until("\n}\n");
    let document: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!((&document["status"], &document["appType"]), (&"ready".into(), &"api".into()));
    assert!(document["elapsedMs"].as_u64().unwrap() > 0);
    visit(folder.path(), document["appUrl"].as_str().unwrap());
    let (code, rest, said) = running.interrupt();
    seen += &rest;
    assert!(code == Some(0) && serde_json::from_str::<Value>(&seen).is_ok(), "{code:?} {seen} {said}");
}

#[test]
fn interrupted_on_its_way_it_leaves_nothing_either() {
    let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
    let mut command = spawnai(folder.path());
    command.args(["spawn", "a kanban board"]).envs([NOWHERE]).env("SPAWNAI_WARM_SANDBOXES", "1");
    let mut running = Running::start(command);
    running.until("Writing the app");
    let (pid, processes) = (running.child.id(), descendants(running.child.id()));
    let (code, _, said) = running.interrupt();
    assert!(matches!(code, Some(0 | 130)), "{code:?} {said}");
    assert!(!processes.iter().any(Process::lives) && groups(pid).is_empty());
    assert_eq!(mounts(), mounted);
}

#[test]
fn an_engine_that_runs_is_used_and_stays() {
    let engine = Engine::start(&[]);
    let mut command = spawnai(engine.folder());
    command.args(["spawn", "--json", "a calculator"]).env("SPAWNAI_URL", format!("http://{}", engine.api));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let session = engine.session(&document);
    assert_eq!(session.page().status, 200, "the app outlives the command");
    for (arguments, expected) in [(vec!["list"], session.id.as_str()), (vec!["show", &session.id], "ready")] {
        let mut command = spawnai(engine.folder());
        command.args(arguments).env("SPAWNAI_URL", format!("http://{}", engine.api));
        let output = command.output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains(expected), "{output:?}");
    }
}

#[test]
fn anybody_may_run_it() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
    let binary = folder.path().join("spawnai");
    std::fs::copy(BINARY, &binary).unwrap();
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
    let prepared = spawnai(folder.path());
    for path in [folder.path(), &folder.path().join("tmp")] {
        chown(path, Some(ANYBODY), Some(ANYBODY)).unwrap();
    }
    let mut command = Command::new(&binary);
    command.args(["spawn", "a todo app"]).current_dir(folder.path()).env_clear().envs([NOWHERE]);
    command.envs(prepared.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.uid(ANYBODY).gid(ANYBODY);
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut running = Running::start(command);
    let seen = running.until("browsers: import that file");
    let url = seen.split_whitespace().find(|word| word.starts_with("https://")).unwrap();
    assert!(visit(folder.path(), url).contains("<!doctype html>"));
    let (pid, processes) = (running.child.id(), descendants(running.child.id()));
    let (code, _, said) = running.interrupt();
    assert_eq!(code, Some(0), "{said}");
    leaves_nothing(pid, &processes, &mounted);
}

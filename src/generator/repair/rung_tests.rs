//! The rungs that read what a runtime says, one after another, in the words that node 20 and Python 3.11 use.

mod app;
mod between;
mod beyond;
mod code;
mod healthy;
mod held;
mod routes;
mod unharmed;
mod untouched;
mod wide;

use super::*;
use crate::types::{AppFile, Check, Origin, PORTS, Runtime};

pub(super) fn artifact(start: &str, files: &[(&str, &str)]) -> Artifact {
    let file = |(path, content): &(&str, &str)| AppFile { path: (*path).to_owned(), content: (*content).to_owned() };
    Artifact {
        files: files.iter().map(file).collect(),
        build: None,
        start: start.to_owned(),
        port: PORTS[0],
        runtime: if start.contains("python") { Runtime::Python } else { Runtime::Node },
        dependencies: Vec::new(),
        checks: vec![Check::get("home", "/", 200, None)],
        origin: Origin { generator: "t".into(), template: "t".into(), match_percent: 0, note: String::new() },
    }
}

pub(super) fn ended(code: i32, output: &str) -> Diagnostic {
    Diagnostic { trouble: Trouble::Ended(code), output: output.to_owned(), ..Diagnostic::UNTRIED }
}

fn rung(name: &str) -> &'static Repair {
    LADDER.iter().find(|repair| repair.name == name).unwrap_or_else(|| panic!("no rung {name}"))
}

/// What the rung makes of it; it must find nothing more to do afterwards.
pub(super) fn done(name: &str, artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let better = (rung(name).mend)(artifact, diagnostic)?;
    assert_eq!((rung(name).mend)(&better, diagnostic), None, "{name} does not end: {better:?}");
    Some(better)
}

pub(super) fn content<'a>(artifact: &'a Artifact, path: &str) -> &'a str {
    &artifact.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).content
}

/// The one file of an app, mended after the runtime said something about it.
#[track_caller]
pub(super) fn text(name: &str, path: &str, before: &str, said: &str, after: &str) {
    let start = if path.ends_with(".py") { format!("python3 {path}") } else { format!("node {path}") };
    let app = artifact(&start, &[(path, before)]);
    let better = done(name, &app, &ended(1, said)).unwrap_or_else(|| panic!("{name}: nothing to do"));
    assert_eq!(content(&better, path), after, "{name}");
    let other =
        ended(1, "Error: something else\n    at x (/home/user/app/a.js:1:1)\n  File \"/home/user/app/a.py\", line 1");
    if !said.is_empty() {
        assert_eq!((rung(name).mend)(&app, &other), None, "{name} heeds no diagnostic");
    }
}

pub(super) fn python(line: usize, error: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/x.py\", line 9\n  File \"/home/user/app/a.py\", line {line}, in <module>\n{error}"
    )
}

pub(super) fn node(line: usize, error: &str) -> String {
    format!(
        "/home/user/app/a.js:{line}\n  x\n  ^\n\n{error}\n    at Module._compile (node:internal/modules/cjs/loader:1105:14)"
    )
}

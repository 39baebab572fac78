//! Shapes: whether an artifact is one that can be put into a sandbox at all.

use std::collections::HashMap;

use super::{
    paths::{check_path, collision_key},
    policy::Policy,
    verdict::{Finding, Verdict, printable},
};
use crate::types::{AppFile, Artifact, Check};

/// Judges all but what the files say.
pub(super) fn judge(artifact: &Artifact, policy: &Policy, verdict: &mut Verdict) {
    files(&artifact.files, policy, verdict);
    inspect_commands(artifact, policy, verdict);
    inspect_checks(&artifact.checks, policy, verdict);
}

/// Judges the files' names, sizes and count.
pub(super) fn files(files: &[AppFile], policy: &Policy, verdict: &mut Verdict) {
    inspect_files(files, policy, verdict);
    inspect_names(files, policy, verdict);
}

fn inspect_files(files: &[AppFile], policy: &Policy, verdict: &mut Verdict) {
    let count = files.len();
    if count == 0 {
        verdict.add(Finding::block("files-none", None, "the app has no files", "generate at least one file"));
    }
    if count > policy.files_max {
        let why = format!("the app has {count} files; at most {} are taken", policy.files_max);
        verdict.add(Finding::block("files-too-many", None, why, "merge files, or remove those it can do without"));
    }
    for file in files {
        let bytes = file.content.len();
        if bytes > policy.file_bytes_max {
            let why = format!("the file has {bytes} bytes; at most {} are taken", policy.file_bytes_max);
            verdict.add(Finding::block(
                "file-too-large",
                Some(&file.path),
                why,
                "split the file, or make its data at run time",
            ));
        }
    }
    let total: usize = files.iter().map(|file| file.content.len()).sum();
    if total > policy.total_bytes_max {
        let why = format!("the files have {total} bytes together; at most {} are taken", policy.total_bytes_max);
        verdict.add(Finding::block("files-too-large", None, why, "remove what the app can do without"));
    }
}

/// Each path by itself, then each against those before it: equal names, and a file where another needs a folder.
fn inspect_names(all: &[AppFile], policy: &Policy, verdict: &mut Verdict) {
    let mut files: HashMap<String, &str> = HashMap::new();
    let mut folders: HashMap<String, &str> = HashMap::new();
    // What is over the count is blocked already, and not worth the time.
    for file in all.iter().take(policy.files_max) {
        let path = file.path.as_str();
        if let Err(fault) = check_path(path, policy) {
            verdict.add(Finding::block(fault.rule(), Some(path), fault.to_string(), fault.remedy()));
            continue;
        }
        let key = collision_key(path);
        if let Some(other) = files.insert(key.clone(), path) {
            let why = format!("on some systems it is the same file as {}", printable(other));
            verdict.add(Finding::block("path-collision", Some(path), why, "rename one of the two"));
        }
        for (at, _) in key.match_indices('/') {
            folders.entry(key[..at].to_owned()).or_insert(path);
        }
    }
    let mut both: Vec<(&str, &str)> =
        files.iter().filter_map(|(key, file)| folders.get(key).map(|inside| (*file, *inside))).collect();
    both.sort_unstable();
    for (file, inside) in both {
        let why = format!("it is a file, and {} needs it to be a folder", printable(inside));
        verdict.add(Finding::block("path-file-and-folder", Some(file), why, "rename one of the two"));
    }
}

fn inspect_commands(artifact: &Artifact, policy: &Policy, verdict: &mut Verdict) {
    if artifact.start.trim().is_empty() {
        verdict.add(Finding::block("start-empty", None, "there is no start command", "say how the app is started"));
    }
    for (what, command) in [("start", Some(&artifact.start)), ("build", artifact.build.as_ref())] {
        let Some(command) = command else { continue };
        if command.len() > policy.command_bytes_max {
            let why = format!(
                "the {what} command has {} bytes; at most {} are taken",
                command.len(),
                policy.command_bytes_max
            );
            verdict.add(Finding::block("command-too-long", None, why, "put it into a script file and start that"));
        }
        if command.contains('\0') {
            let why = format!("the {what} command has a NUL character");
            verdict.add(Finding::block("command-nul", None, why, "remove the character"));
        }
    }
    if !policy.ports.contains(&artifact.port) {
        let allowed = policy.ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let why = format!("the app wants port {}; allowed are {allowed}", artifact.port);
        verdict.add(Finding::block("port-not-allowed", None, why, "listen on the port in the PORT variable"));
    }
}

fn inspect_checks(checks: &[Check], policy: &Policy, verdict: &mut Verdict) {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    if checks.len() > policy.checks_max {
        let why = format!("the app has {} checks; at most {} are taken", checks.len(), policy.checks_max);
        verdict.add(Finding::block("checks-too-many", None, why, "keep the checks that prove the most"));
    }
    for check in checks.iter().take(policy.checks_max) {
        let name = printable(&check.name);
        if !check.path.starts_with('/') || check.path.chars().any(|c| c.is_control() || c.is_whitespace()) {
            let why = format!("check {name:?} asks for {:?}, which is no path", printable(&check.path));
            verdict.add(Finding::block("check-path", None, why, "begin the path with / and percent-encode blanks"));
        }
        if !METHODS.contains(&check.method.as_str()) {
            let why = format!("check {name:?} uses the method {:?}", printable(&check.method));
            verdict.add(Finding::block(
                "check-method",
                None,
                why,
                "use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS",
            ));
        }
        if !(100..=599).contains(&check.expect.status) {
            let why = format!("check {name:?} expects status {}, which no server answers", check.expect.status);
            verdict.add(Finding::block("check-status", None, why, "expect a status of 100 to 599"));
        }
        let texts = [Some(&check.name), Some(&check.path), check.body.as_ref(), check.expect.contains.as_ref()];
        let json = check.expect.json.as_ref().is_some_and(|json| json.to_string().len() > policy.check_bytes_max);
        if json || texts.into_iter().flatten().any(|text| text.len() > policy.check_bytes_max) {
            let why = format!("check {name:?} has a text of more than {} bytes", policy.check_bytes_max);
            verdict.add(Finding::block("check-too-large", None, why, "ask for less in one check"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guard::{FINDINGS_MAX, Severity, inspect},
        types::{Origin, Port, Runtime},
    };

    fn artifact(paths: &[&str]) -> Artifact {
        Artifact {
            files: paths.iter().map(|path| AppFile { path: (*path).to_owned(), content: "x".to_owned() }).collect(),
            build: None,
            start: "exec node server.js".to_owned(),
            port: Port::new(3000).unwrap(),
            runtime: Runtime::Node,
            dependencies: Vec::new(),
            checks: vec![Check::get("home", "/", 200, None)],
            origin: Origin {
                generator: "built-in".to_owned(),
                template: "todo".to_owned(),
                match_percent: 90,
                note: String::new(),
            },
        }
    }

    fn rules(artifact: &Artifact) -> Vec<String> {
        let verdict = inspect(artifact, &Policy::default());
        assert_eq!(verdict.blocked, verdict.findings.iter().any(|finding| finding.severity == Severity::Block));
        verdict.findings.into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_plain_app_passes() {
        assert_eq!(rules(&artifact(&["server.js", "public/index.html", "public/app.js"])), [""; 0]);
    }

    #[test]
    fn paths_that_fold_into_each_other_are_blocked() {
        assert_eq!(rules(&artifact(&["a.js", "A.js"])), ["path-collision"]);
        assert_eq!(rules(&artifact(&["é.js", "e\u{301}.js"])), ["path-collision"]);
        assert_eq!(rules(&artifact(&["lib", "Lib/http.js"])), ["path-file-and-folder"]);
        assert_eq!(rules(&artifact(&["lib/a/b", "lib"])), ["path-file-and-folder"]);
        assert_eq!(rules(&artifact(&["../x", "/y"])), ["path-escapes", "path-absolute"]);
    }

    #[test]
    fn sizes_and_counts_are_held() {
        assert_eq!(rules(&artifact(&[])), ["files-none"]);
        let mut big = artifact(&["a"]);
        big.files[0].content = "x".repeat(1024 * 1024 + 1);
        assert_eq!(rules(&big), ["file-too-large"]);
        let mut many = artifact(&[]);
        let bulk = "x".repeat(1024 * 1024);
        many.files = (0..9).map(|i| AppFile { path: format!("f{i}"), content: bulk.clone() }).collect();
        assert_eq!(rules(&many), ["files-too-large"]);
        let names: Vec<String> = (0..5000).map(|i| format!("../{i}")).collect();
        let flood = inspect(&artifact(&names.iter().map(String::as_str).collect::<Vec<_>>()), &Policy::default());
        assert_eq!((flood.blocked, flood.findings.len()), (true, FINDINGS_MAX));
    }

    #[test]
    fn commands_ports_and_checks_are_held() {
        let mut odd = artifact(&["a"]);
        odd.start = " \n".to_owned();
        odd.build = Some("x".repeat(4097));
        odd.port = Port::new(22).unwrap();
        assert_eq!(rules(&odd), ["start-empty", "command-too-long", "port-not-allowed"]);
        let mut checks = artifact(&["a"]);
        checks.checks = vec![Check::get("x", "/", 200, None); 9];
        assert_eq!(rules(&checks), ["checks-too-many"]);
        checks.checks = vec![Check::get("x", "http://evil/", 99, None)];
        checks.checks[0].method = "GET / HTTP/1.1\r\nX:".to_owned();
        assert_eq!(rules(&checks), ["check-path", "check-method", "check-status"]);
    }
}

//! What is wrong with waiting: a promise or a coroutine that is taken for what it will become, and Python's functions that
//! wait without being told that they may.

use std::collections::BTreeSet;

use super::{
    Diagnostic, Trouble,
    scan::{indent, place},
    source::{Language, edit, edit_one, is_vendored, language, pattern},
    symbols::scripts,
};
use crate::types::Artifact;

/// `const options = listOptions();` of an `async function`, whose value is then used as if it were there.
pub(super) fn promise(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = ["[object Promise]", "is not iterable", "Promise { "];
    if diagnostic.trouble != Trouble::Check && !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let function = pattern!(r"\basync\s+function\s+([\w$]+)|\b([\w$]+)\s*=\s*async\b");
    let name = |found: regex::Captures<'_>| found.get(1).or_else(|| found.get(2)).map(|name| name.as_str().to_owned());
    let waiting: BTreeSet<String> =
        scripts(artifact).flat_map(|file| function.captures_iter(&file.content).filter_map(name)).collect();
    let takes = pattern!(r"^([ \t]+(?:const|let|var)\s+([\w$]+|[\[{][^=\n]*[\]}])\s*=\s*)((?:[\w$]+\.)?([\w$]+)\()");
    // A promise in an answer is an object with nothing in it.
    let is_shown = diagnostic.answered.as_ref().is_some_and(|answered| answered.shown.contains(":{}"));
    let sends = match is_shown {
        true => pattern!(r"(\.json\(|JSON\.stringify\(|[{,]\s*[\w$]+:\s*)(([\w$]+)\()"),
        false => pattern!(r"(\.json\(|JSON\.stringify\()(([\w$]+)\()"),
    };
    edit(artifact, |file| {
        if language(&file.path) != Language::Script {
            return None;
        }
        let line = |line: &str| -> String {
            if let Some(found) = takes.captures(line).filter(|found| waiting.contains(&found[4])) {
                let is_waited_for = is_waited_for(&file.content, &found[2]) || line.contains(").then(");
                return if is_waited_for {
                    line.to_owned()
                } else {
                    [&found[1], "await ", &line[found[1].len()..]].concat()
                };
            }
            let sent = |found: &regex::Captures<'_>| match waiting.contains(&found[3]) {
                true => format!("{}await {}", &found[1], &found[2]),
                false => found[0].to_owned(),
            };
            sends.replace_all(line, sent).into_owned()
        };
        Some(file.content.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// Whether somebody waits for a promise later on, alone or with others.
fn is_waited_for(text: &str, name: &str) -> bool {
    [format!("await {name}"), format!("{name}.then("), format!("{name}.catch(")].iter().any(|use_| text.contains(use_))
        || text.contains("Promise.")
            && pattern!(r"Promise\.\w+\([^;]*").find_iter(text).any(|all| all.as_str().contains(name))
}

/// `coroutine 'temperature' was never awaited`.
pub(super) fn coroutine(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let named = pattern!(r"coroutine '(?:\w+\.)*(\w+)' was never awaited");
    let names: BTreeSet<&str> =
        named.captures_iter(&diagnostic.output).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    let call = pattern!(
        r"((?:\bawait |\bdef |\.run\(|create_task\(|ensure_future\(|gather\(|run_until_complete\()?)((?:\w+\.)*(\w+)\()"
    );
    edit(artifact, |file| {
        if language(&file.path) != Language::Python || names.is_empty() {
            return None;
        }
        let line = |line: &str| -> String {
            // What is outside of a function cannot wait.
            if indent(line).is_empty() || line.trim_start().starts_with('#') {
                return line.to_owned();
            }
            let waited = |found: &regex::Captures<'_>| match found[1].is_empty() && names.contains(&found[3]) {
                true => format!("await {}", &found[2]),
                false => found[0].to_owned(),
            };
            call.replace_all(line, waited).into_owned()
        };
        Some(file.content.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// `'await' outside async function`: the function around it may wait from now on.
pub(super) fn plain_function(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("outside async function") && !diagnostic.says("asynchronous comprehension outside") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| !is_vendored(&place.path))?;
    edit_one(artifact, &place.path, |text| {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let depth = indent(lines.get(place.line)?).len();
        let is_head = |line: &String| {
            let head = line.trim_start();
            indent(line).len() < depth && (head.starts_with("def ") || head.starts_with("async def "))
        };
        let head = (0..place.line).rev().find(|at| is_head(&lines[*at]))?;
        lines[head]
            .trim_start()
            .starts_with("def ")
            .then(|| lines[head] = lines[head].replacen("def ", "async def ", 1))?;
        Some(lines.join("\n"))
    })
}

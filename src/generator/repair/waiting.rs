//! What is wrong with waiting: a promise or a coroutine that is taken for what it will become, and Python's functions that
//! wait without being told that they may.

use std::collections::BTreeSet;

use super::{
    Diagnostic, Trouble,
    modules::{is_modern, package_type},
    scan::{Kind, indent, kinds, place, with_words},
    source::{Language, edit_in, edit_one, is_vendored, language, pattern},
    symbols::{declared, scripts},
};
use crate::types::{AppFile, Artifact};

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
    edit_in(artifact, Language::Script, |file| {
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
    edit_in(artifact, Language::Python, |file| {
        if names.is_empty() {
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

/// `'coroutine' object has no attribute 'decode'`: what is used there was never waited for.
pub(super) fn coroutine_value(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"'coroutine' object (?:has no attribute '(\w+)'|is not (?:subscriptable|iterable))");
    let attribute = said.captures(&diagnostic.output)?.get(1).map(|name| name.as_str().to_owned());
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    let member = pattern!(r"\b([A-Za-z_]\w*)(?:\.(\w+)|\[)");
    let iterated = pattern!(r"\bin ([A-Za-z_]\w*)");
    edit_one(artifact, &place.path, |text| {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let used = lines.get(place.line)?;
        let is_it = |found: &regex::Captures<'_>| attribute.as_deref() == found.get(2).map(|name| name.as_str());
        let names: Vec<String> =
            match member.captures_iter(used).filter(is_it).map(|found| found[1].to_owned()).collect() {
                names if attribute.is_some() => names,
                mut names => {
                    Vec::extend(&mut names, iterated.captures_iter(used).map(|found| found[1].to_owned()));
                    names
                }
            };
        // The last that gave it a value, in the same function, which may wait.
        let head = (0..place.line).rev().find(|at| pattern!(r"^\s*(?:async )?def ").is_match(&lines[*at]))?;
        if !lines[head].trim_start().starts_with("async ") {
            return None;
        }
        for name in names {
            let given = regex::Regex::new(&format!(r"^(\s+{name}\s*=\s*)((?:\w+\.)*\w+\(.*)$")).ok()?;
            if let Some(at) = (head..place.line).rev().find(|at| given.is_match(&lines[*at])) {
                lines[at] = given.replace(&lines[at], "${1}await ${2}").into_owned();
                return Some(lines.join("\n"));
            }
        }
        None
    })
}

/// `await` outside of all functions, in a script that is no module: what comes from there on is a function's.
pub(super) fn top_level(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = [
        "require is not defined in ES module scope",
        "await is only valid in async functions and the top level bodies of modules",
        "Cannot determine intended module format because both require() and top-level await are present",
    ];
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let is_plain = file.content.contains("require(") && !is_modern(file) && !file.path.ends_with(".mjs");
    if !says.iter().any(|message| diagnostic.says(message)) || !is_plain || package_type(artifact) == Some("module") {
        return None;
    }
    let (kinds, mut begin) = (kinds(file), 0);
    let lines = file.content.split_inclusive('\n').map(|line| {
        let at = begin;
        begin += line.len();
        (at, line)
    });
    let lines: Vec<(usize, &str)> = lines.collect();
    let waits = pattern!(r"^(?:await\b|for await\b|(?:const|let|var)\s+[^=]+=\s*await\b)");
    let (from, _) = *lines.iter().find(|(at, line)| kinds[*at] == Kind::Code && waits.is_match(line))?;
    let (head, tail) = file.content.split_at(from);
    // What others use must stay where they find it.
    let of_tail = AppFile { path: file.path.clone(), content: tail.to_owned() };
    let is_used = |name: &String| {
        with_words(&AppFile { path: file.path.clone(), content: head.to_owned() }, &[(name, "")]) != head
    };
    if tail.contains("exports") || declared(&of_tail).iter().any(is_used) {
        return None;
    }
    let deeper = |(at, line): &(usize, &str)| {
        let is_text = kinds[*at] == Kind::Text || line.trim().is_empty();
        if is_text { (*line).to_owned() } else { format!("  {line}") }
    };
    let tail: String = lines.iter().filter(|(at, _)| *at >= from).map(deeper).collect();
    let end = if head.trim_end().ends_with([';', '}', '/']) || head.trim().is_empty() { "" } else { ";" };
    let content = format!("{head}{end}(async () => {{\n{}\n}})();\n", tail.trim_end());
    edit_one(artifact, &place.path, |_| Some(content.clone()))
}

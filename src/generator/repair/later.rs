//! What a later version of the runtime has, and the sandbox's has not yet: said as this one understands it.

use super::{
    Diagnostic,
    modules::prepended,
    scan::place,
    source::{Language, edit_one, language, pattern},
};
use crate::types::Artifact;

/// Functions of later versions of node, each in the words of this one.
const SCRIPT: [(&str, &str); 6] = [
    (
        "Object.groupBy",
        "Object.groupBy ??= (items, key) => { const groups = Object.create(null); let at = 0; for (const item of items) (groups[key(item, at++)] ??= []).push(item); return groups; };\n",
    ),
    (
        "Map.groupBy",
        "Map.groupBy ??= (items, key) => { const groups = new Map(); let at = 0; for (const item of items) { const name = key(item, at++); if (!groups.has(name)) groups.set(name, []); groups.get(name).push(item); } return groups; };\n",
    ),
    (
        "Promise.withResolvers",
        "Promise.withResolvers ??= () => { const all = {}; all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject })); return all; };\n",
    ),
    ("Promise.try", "Promise.try ??= (act, ...values) => new Promise((resolve) => resolve(act(...values)));\n"),
    (
        "Array.fromAsync",
        "Array.fromAsync ??= async (items) => { const all = []; for await (const item of items) all.push(item); return all; };\n",
    ),
    ("RegExp.escape", "RegExp.escape ??= (text) => text.replace(/[\\\\^$.*+?()[\\]{}|]/g, \"\\\\$&\");\n"),
];

/// `Object.groupBy is not a function`: it is defined where it is used.
pub(super) fn function(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (name, lines) = SCRIPT.iter().find(|(name, _)| diagnostic.says(&format!("{name} is not a function")))?;
    let uses = format!("{name}(");
    let file = artifact.files.iter().find(|file| {
        language(&file.path) == Language::Script && file.content.contains(&uses) && diagnostic.says(&file.path)
    })?;
    edit_one(artifact, &file.path, |text| (!text.contains(lines)).then(|| prepended(text, lines)))
}

/// Iterators with the methods of arrays: `map.values().filter(…)`.
pub(super) fn iterator(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(
        r"(?:values|keys|entries)\(\.*\)\.(?:map|filter|find|some|every|forEach|reduce|flatMap|slice|sort|join|toArray|toSorted|take|at) is not a function"
    );
    if !said.is_match(&diagnostic.output) {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let chain = pattern!(
        r"((?:this\.)?[\w$]+(?:\.[\w$]+|\[[^\]\n]*\])*\.(?:values|keys|entries)\(\))(\s*\.(?:map|filter|find|some|every|forEach|reduce|flatMap|slice|sort|join|toArray|toSorted|at)\()"
    );
    edit_one(artifact, &place.path, |text| {
        let listed = |found: &regex::Captures<'_>| match found[1].starts_with("Object.") {
            true => found[0].to_owned(),
            false => format!("[...{}]{}", &found[1], &found[2]),
        };
        Some(chain.replace_all(text, listed).replace(".toArray()", ""))
    })
}

/// Modules that Python 3 calls otherwise than Python 2, and names that a later Python has.
pub(super) fn renamed(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const MODULES: [(&str, &str); 9] = [
        ("BaseHTTPServer", "http.server"),
        ("SimpleHTTPServer", "http.server"),
        ("SocketServer", "socketserver"),
        ("ConfigParser", "configparser"),
        ("Queue", "queue"),
        ("StringIO", "io"),
        ("cPickle", "pickle"),
        ("urlparse", "urllib.parse"),
        ("Cookie", "http.cookies"),
    ];
    let missing = pattern!(r"No module named '(\w+)'").captures(&diagnostic.output)?[1].to_owned();
    let (_, right) = MODULES.iter().find(|(old, _)| *old == missing)?;
    let path = place(artifact, diagnostic)?.path;
    let from = format!("from {missing} import ");
    edit_one(artifact, &path, |text| {
        let line = |line: &str| -> String {
            if line.trim_start().starts_with(&from) {
                return line.replacen(&from, &format!("from {right} import "), 1);
            }
            let whole = line.trim() == format!("import {missing}");
            if whole { line.replacen(&missing, &format!("{right} as {missing}"), 1) } else { line.to_owned() }
        };
        Some(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// A name that a later Python has in a module: it is defined beside.
pub(super) fn name(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const NAMES: [(&str, &str, &str); 3] = [
        (
            "itertools",
            "batched",
            "def batched(items, size):\n    items = list(items)\n    return (tuple(items[at:at + size]) for at in range(0, len(items), size))\n",
        ),
        ("typing", "override", "def override(method):\n    return method\n"),
        ("warnings", "deprecated", "def deprecated(_):\n    return lambda method: method\n"),
    ];
    let said = pattern!(r"cannot import name '(\w+)' from '(\w+)'").captures(&diagnostic.output)?;
    let (module, name, defined) = NAMES.iter().find(|(module, name, _)| *name == &said[1] && *module == &said[2])?;
    let path = place(artifact, diagnostic)?.path;
    let from = format!("from {module} import ");
    edit_one(artifact, &path, |text| {
        let line = text
            .lines()
            .find(|line| line.strip_prefix(&from).is_some_and(|list| list.split(',').any(|one| one.trim() == *name)))?;
        let kept: Vec<&str> = line[from.len()..].split(',').map(str::trim).filter(|one| one != name).collect();
        let import = if kept.is_empty() { String::new() } else { format!("{from}{}\n", kept.join(", ")) };
        Some(text.replacen(&format!("{line}\n"), &format!("{import}\n\n{defined}\n\n"), 1))
    })
}

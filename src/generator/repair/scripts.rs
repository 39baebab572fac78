//! What is wrong with a script in ways that its language allows: what comes of it is not what was meant.
//!
//! Each of these gives the same wrong result whatever it is given, so nobody can have meant it.

use std::collections::BTreeMap;

use super::{
    Diagnostic,
    bindings::bindings,
    scan::{indent, place, with_found, with_line},
    source::{Language, edit_in, edit_one, language, pattern},
    symbols::{only, scripts},
};
use crate::types::Artifact;

/// Collections of a file that are looked at.
const EACH_MAX: usize = 64;
/// Frames of a stack that are looked at.
const FRAMES_MAX: usize = 8;

/// `list.map(parseInt)`, which takes each place in the list for a radix.
pub(super) fn parse_int(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let handed = pattern!(r"\.map\(\s*(?:Number\.)?parseInt\s*\)");
    edit_in(artifact, Language::Script, |file| {
        Some(with_found(file, handed, |_| Some(".map((text) => parseInt(text, 10))".to_owned())))
    })
}

/// A Map or a Set that is turned into JSON, which is `{}` whatever is in it.
pub(super) fn collection_as_json(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let made = pattern!(r"\b(?:const|let|var)\s+([\w$]+)\s*=\s*new\s+(Map|Set)\(");
    let sent = pattern!(
        r"\b(JSON\.stringify\(|(?:res|response)\.json\(|(?:res|response)\.status\(\d+\)\.json\()\s*([\w$]+)(\s*\))"
    );
    edit_in(artifact, Language::Script, |file| {
        // Whoever says how it is written, is heeded.
        if file.content.contains("toJSON") {
            return None;
        }
        if !made.is_match(&file.content) || !sent.is_match(&file.content) {
            return None;
        }
        // Nothing else is called so: another function's may be an object.
        let places = bindings(file);
        let is_only = |name: &str| places.get(name).is_some_and(|places| places.len() == 1);
        let found = made.captures_iter(&file.content).take(EACH_MAX).filter(|found| is_only(&found[1]));
        let kinds: BTreeMap<String, String> = found.map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
        let data = |found: &regex::Captures<'_>| {
            let name = &found[2];
            let data = match kinds.get(name)?.as_str() {
                "Map" => format!("Object.fromEntries({name})"),
                _ => format!("[...{name}]"),
            };
            Some(format!("{}{data}{}", &found[1], &found[3]))
        };
        Some(with_found(file, sent, data))
    })
}

/// `/^/api/runners/(\w+)$/`: what stands between the first slash and the last is the pattern.
pub(super) fn slashes(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Invalid regular expression flags") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let whole = pattern!(r"/\^(/[^\n]*)\$/([dgimsuvy]*)([;,)\s]|$)");
    with_line(artifact, &place, |line| {
        let found =
            only(whole.captures_iter(line)).filter(|found| !found[1].contains("/^") && !found[1].contains("$/"))?;
        let mut escaped = String::new();
        for c in found[1].chars() {
            if c == '/' && !escaped.ends_with('\\') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        Some(line.replacen(&found[0], &format!("/^{escaped}$/{}{}", &found[2], &found[3]), 1))
    })
}

/// `new Worker("main.js")`: a worker's file is found from a folder that is named.
pub(super) fn worker_path(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("ERR_WORKER_PATH") {
        return None;
    }
    let bare = pattern!(r#"\bnew Worker\(\s*["']([\w-][\w./-]*)["']"#);
    edit_in(artifact, Language::Script, |file| {
        let folder = file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let found_from = |found: &regex::Captures<'_>| {
            let name = &found[1];
            let is_beside = artifact.files.iter().any(|other| other.path == format!("{folder}{name}"));
            let named = match super::modules::is_modern(file) {
                true => format!("new Worker(new URL(\"./{name}\", import.meta.url)"),
                false => format!("new Worker(require(\"node:path\").join(__dirname, \"{name}\")"),
            };
            is_beside.then_some(named)
        };
        Some(with_found(file, bare, found_from))
    })
}

/// A word that modules keep for the language, as the name of a constant: `const package = …`.
pub(super) fn reserved(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Unexpected strict mode reserved word") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let line = file.content.lines().nth(place.line)?;
    let declares =
        pattern!(r"^\s*(?:const|let|var)\s+(package|interface|private|public|protected|static|implements)\s*=");
    let name = declares.captures(line)?[1].to_owned();
    // As a key it is what others know it by.
    let key = regex::Regex::new(&format!(r"\b{name}\s*:|[{{,]\s*{name}\s*[,}}]|\bstatic\s+\w+\s*[(=]")).ok()?;
    let better = format!("{name}_");
    let is_free = !file.content.contains(&better) && !key.is_match(&file.content);
    is_free.then_some(())?;
    edit_one(artifact, &place.path, |_| Some(super::scan::with_words(file, &[(&name, &better)])))
}

/// `async constructor(…)` of a class whose objects are waited for: it gives what it has waited for.
pub(super) fn async_constructor(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Class constructor may not be an async method") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let lines: Vec<&str> = file.content.split('\n').collect();
    let head = lines.get(place.line)?;
    let margin = indent(head);
    let is_head = head.trim_start().starts_with("async constructor(") && head.trim_end().ends_with('{');
    let class = lines[..place.line].iter().rev().find_map(|line| {
        let found = pattern!(r"^\s*(?:export\s+(?:default\s+)?)?class\s+([\w$]+)\s*(extends\b)?").captures(line)?;
        found.get(2).is_none().then(|| found[1].to_owned())
    })?;
    let end = format!("{margin}}}");
    let end = (place.line + 1..lines.len()).find(|at| lines[*at] == end)?;
    let body = &lines[place.line + 1..end];
    let made = regex::Regex::new(&format!(r"(await\s+)?\bnew\s+{class}\(")).ok()?;
    let is_awaited = scripts(artifact)
        .flat_map(|file| made.captures_iter(&file.content).map(|found| found.get(1).is_some()))
        .all(|awaited| awaited);
    if !is_head || !is_awaited || body.iter().any(|line| line.contains("return") || line.contains('`')) {
        return None;
    }
    let (open, close) =
        (format!("{margin}  return (async () => {{"), format!("{margin}    return this;\n{margin}  }})();"));
    let head = head.replacen("async constructor(", "constructor(", 1);
    let deeper: Vec<String> =
        body.iter().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") }).collect();
    let mut better: Vec<&str> = lines[..place.line].to_vec();
    better.extend([head.as_str(), &open]);
    better.extend(deeper.iter().map(String::as_str));
    better.push(&close);
    better.extend(&lines[end..]);
    edit_one(artifact, &place.path, |_| Some(better.join("\n")))
}

/// `if (!invoice) { send(…) }`, and then what only an invoice has is read, or what is not there is called: the answer was sent, and
/// nothing is to follow.
pub(super) fn goes_on(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"Cannot read properties of (?:undefined|null)|TypeError: ([\w$]+) is not a function");
    // What was called has a name that the guard must know; what was read of, is on the line.
    let called = said.captures(&diagnostic.output)?.get(1).map(|name| name.as_str());
    let frame = pattern!(r"(?:file://)?/[^\s:()]*?/app/([\w./-]+\.[cm]?js):(\d+)");
    let guard = pattern!(r"^(\s*)if \(!([\w$]+)\) \{\s*$");
    let sends = pattern!(
        r"\b(?:res|response)\.(?:end|json|send|sendStatus|status)\(|\b(?:send|json|reply|respond|fail)\w*\(\s*(?:res|response)\b"
    );
    let ends = pattern!(r"^\s*(?:return|throw|break|continue)\b|process\.exit");
    frame.captures_iter(&diagnostic.output).take(FRAMES_MAX).find_map(|found| {
        let (path, at) = (found[1].to_owned(), found[2].parse::<usize>().ok()?.checked_sub(1)?);
        edit_one(artifact, &path, |text| {
            let lines: Vec<&str> = text.split('\n').collect();
            let used = lines.get(at)?;
            let depth = indent(used).len();
            // In the same block: nothing less deep stands between.
            let block =
                (0..at).rev().take_while(|line| lines[*line].trim().is_empty() || indent(lines[*line]).len() >= depth);
            let head = block.filter(|line| indent(lines[*line]).len() == depth).find(|line| {
                let found = guard.captures(lines[*line]);
                found.filter(|found| called.is_none_or(|name| *name == found[2])).is_some_and(|found| {
                    let word = regex::Regex::new(&format!(r"(?:^|[^\w$.]){}\b", regex::escape(&found[2])));
                    word.is_ok_and(|word| word.is_match(used))
                })
            })?;
            let margin = indent(lines[head]);
            let end = (head + 1..at).find(|line| lines[*line] == format!("{margin}}}"))?;
            let body = &lines[head + 1..end];
            let is_last_sent = body.last().is_some_and(|line| sends.is_match(line) && line.trim_end().ends_with(';'));
            if !is_last_sent || body.iter().any(|line| ends.is_match(line)) {
                return None;
            }
            let told = format!("{}return;", indent(body.last()?));
            Some([&lines[..end], &[told.as_str()], &lines[end..]].concat().join("\n"))
        })
    })
}

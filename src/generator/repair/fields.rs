//! What is wrong with the fields of Python's classes, and with texts that values are added to.

use super::{
    Diagnostic,
    modules::prepended,
    scan::{indent, place, with_line},
    source::{Language, edit_in, edit_one, is_vendored, language, pattern},
};
use crate::types::Artifact;

const FIELD: &str = "from dataclasses import field\n";

/// A list as a field's default, which all objects would share.
pub(super) fn shared_default(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"mutable default <class '(list|dict|set)'> for field (\w+) is not allowed");
    // What raised it is printed with its own text, too: the last line is the message.
    let found = said.captures(&diagnostic.output)?;
    let (kind, name) = (found[1].to_owned(), found[2].to_owned());
    let field = pattern!(r"(?m)^([ \t]+)(\w+)(\s*:[^=\n]+=\s*)(?:\[\]|\{\}|list\(\)|dict\(\)|set\(\))[ \t]*$");
    edit_in(artifact, Language::Python, |file| {
        if is_vendored(&file.path) || !file.content.contains("dataclass") {
            return None;
        }
        let made = |found: &regex::Captures<'_>| match found[2] == name {
            true => format!("{}{}{}field(default_factory={kind})", &found[1], &found[2], &found[3]),
            false => found[0].to_owned(),
        };
        let text = field.replace_all(&file.content, made);
        let is_imported = pattern!(r"(?m)^from dataclasses import .*\bfield\b").is_match(&text);
        let changed = text != file.content;
        changed.then(|| if is_imported { text.into_owned() } else { prepended(&text, FIELD) })
    })
}

/// `non-default argument 'amount' follows default argument`: it gets one of its kind.
pub(super) fn late_default(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name =
        pattern!(r"non-default argument '(\w+)' follows default argument").captures(&diagnostic.output)?[1].to_owned();
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("dataclass") {
            return None;
        }
        let field = pattern!(r"(?m)^([ \t]+)(\w+)[ \t]*:[ \t]*([\w.\[\], |]+?)[ \t]*$");
        let with = |found: &regex::Captures<'_>| {
            let value = match &found[3] {
                "str" => "\"\"",
                "int" => "0",
                "float" => "0.0",
                "bool" => "False",
                _ => "None",
            };
            if found[2] == name { format!("{} = {value}", found[0].trim_end()) } else { found[0].to_owned() }
        };
        Some(field.replace_all(&file.content, with).into_owned())
    })
}

/// A field that `__init__` sets as a variable of its own: `'Ledger' object has no attribute 'entries'`.
pub(super) fn of_object(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"AttributeError: '(\w+)' object has no attribute '(\w+)'").captures(&diagnostic.output)?;
    let (class, name) = (format!("class {}", &said[1]), said[2].to_owned());
    edit_in(artifact, Language::Python, |file| {
        let mut lines: Vec<String> = file.content.split('\n').map(str::to_owned).collect();
        let begin = lines.iter().position(|line| line.starts_with(&class))?;
        let head = begin + lines[begin..].iter().position(|line| line.trim_start().starts_with("def __init__("))?;
        let depth = indent(&lines[head]).len();
        let is_inside = |line: &&String| line.trim().is_empty() || indent(line).len() > depth;
        let end = head + 1 + lines[head + 1..].iter().take_while(is_inside).count();
        let set = format!("{name} =");
        let at = (head + 1..end).find(|at| lines[*at].trim_start().starts_with(&set))?;
        let spaces = indent(&lines[at]).len();
        lines[at].insert_str(spaces, "self.");
        Some(lines.join("\n"))
    })
}

/// `can only concatenate str (not "int") to str`.
pub(super) fn added_to_text(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("can only concatenate str (not \"") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    let behind = pattern!(r#"(["']\s*\+\s*)([A-Za-z_][\w.]*)(\s*(?:[+),]|$))"#);
    with_line(artifact, &place, |line| {
        Some(
            behind
                .replace_all(line, |found: &regex::Captures<'_>| match &found[2] {
                    "str" => found[0].to_owned(),
                    value => format!("{}str({value}){}", &found[1], &found[3]),
                })
                .into_owned(),
        )
    })
}

/// A line between two depths: `unindent does not match any outer indentation level`.
pub(super) fn between_depths(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("unindent does not match any outer indentation level") {
        return None;
    }
    let place = place(artifact, diagnostic)?;
    edit_one(artifact, &place.path, |text| {
        let mut lines: Vec<&str> = text.split('\n').collect();
        let before = lines[..place.line].iter().rfind(|line| !line.trim().is_empty())?;
        if before.contains('\t') || indent(before).len() <= indent(lines.get(place.line)?).len() {
            return None;
        }
        let better = indent(before).to_owned() + lines[place.line].trim_start();
        lines[place.line] = &better;
        Some(lines.join("\n"))
    })
}

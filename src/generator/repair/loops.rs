//! A loop over the places of a list where its values were meant: `for (const line in lines) { sum += line.price; }`.
//!
//! What goes round in such a loop is always a text, so what no text has is asked for in vain, and cannot be meant. That it is
//! a list, and can be gone over otherwise, must be seen where the list is declared: in the file, in what it imports, in data.

use std::{collections::BTreeSet, ops::Range};

use super::{
    Diagnostic,
    bindings::bindings,
    scan::{Kind, kinds, spliced},
    source::{Language, edit_in, is_vendored, language, pattern},
    symbols::{Import, Taken, imports, target},
};
use crate::types::{AppFile, Artifact};

/// Loops of an app that are looked at.
const LOOPS_MAX: usize = 256;
/// A loop that is longer is left alone.
const BODY_MAX: usize = 16 * 1024;
/// What every text has: the members of `String.prototype` and of `Object.prototype`.
const OF_TEXTS: [&str; 60] = [
    "anchor",
    "at",
    "big",
    "blink",
    "bold",
    "charAt",
    "charCodeAt",
    "codePointAt",
    "concat",
    "constructor",
    "endsWith",
    "fixed",
    "fontcolor",
    "fontsize",
    "hasOwnProperty",
    "includes",
    "indexOf",
    "isPrototypeOf",
    "isWellFormed",
    "italics",
    "lastIndexOf",
    "length",
    "link",
    "localeCompare",
    "match",
    "matchAll",
    "normalize",
    "padEnd",
    "padStart",
    "propertyIsEnumerable",
    "repeat",
    "replace",
    "replaceAll",
    "search",
    "slice",
    "small",
    "split",
    "startsWith",
    "strike",
    "sub",
    "substr",
    "substring",
    "sup",
    "toLocaleLowerCase",
    "toLocaleString",
    "toLocaleUpperCase",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "toWellFormed",
    "trim",
    "trimEnd",
    "trimLeft",
    "trimRight",
    "trimStart",
    "valueOf",
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
];

/// A loop's head, and what it says.
struct Loop<'a> {
    /// The word between the two names.
    word: Range<usize>,
    each: &'a str,
    all: &'a str,
    body: &'a str,
}

/// `for (const line in lines)`, where the lines are a list and each is asked for what no text has.
pub(super) fn for_in(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let mut left = LOOPS_MAX;
    // What data calls a list, read once, where there is a loop at all.
    let of_data = std::cell::OnceCell::new();
    edit_in(artifact, Language::Script, |file| {
        let loops: Vec<Loop<'_>> = loops(&file.content, &mut left).into_iter().filter(asks_in_vain).collect();
        if loops.is_empty() || is_vendored(&file.path) {
            return None;
        }
        let lists = Lists::of(artifact, file, of_data.get_or_init(|| lists_of_data(artifact)));
        let changes = loops.iter().filter(|one| lists.has(one.all)).map(|one| (one.word.clone(), "of".to_owned()));
        Some(spliced(&file.content, changes.collect()))
    })
}

fn loops<'a>(text: &'a str, left: &mut usize) -> Vec<Loop<'a>> {
    let head = pattern!(r"(?m)^([ \t]*)for \((?:const|let|var) ([\w$]+) (in) ((?:[\w$]+\.)*[\w$]+)\) \{[ \t]*$");
    let of = |found: regex::Captures<'a>| {
        let group = |at: usize| found.get(at);
        let (from, end) = (group(0)?.end(), format!("\n{}}}", group(1)?.as_str()));
        let mut until = text.len().min(from + BODY_MAX);
        while !text.is_char_boundary(until) {
            until -= 1;
        }
        let body = text[from..until].find(&end).map(|length| &text[from..from + length])?;
        Some(Loop { word: group(3)?.range(), each: group(2)?.as_str(), all: group(4)?.as_str(), body })
    };
    let found: Vec<_> = head.captures_iter(text).take(*left).collect();
    *left -= found.len();
    found.into_iter().filter_map(of).collect()
}

/// Whether a loop asks what goes round for nothing but what no text has.
fn asks_in_vain(one: &Loop<'_>) -> bool {
    let word = pattern!(r"[A-Za-z_$][\w$]*");
    let member = pattern!(r"^\.([A-Za-z_$][\w$]*)");
    let is_each = |found: &regex::Match<'_>| found.as_str() == one.each && !one.body[..found.start()].ends_with('.');
    let mut used = word.find_iter(one.body).filter(is_each).map(|found| &one.body[found.end()..]).peekable();
    let in_vain = |rest: &str| member.captures(rest).is_some_and(|found| !OF_TEXTS.contains(&&found[1]));
    used.peek().is_some() && used.all(in_vain) && !one.body.contains(&format!("{}[", one.all))
}

/// What a file knows to be lists.
struct Lists<'a> {
    /// Whether a name has but one meaning in the file.
    sure: BTreeSet<&'a str>,
    own: BTreeSet<String>,
    imports: Vec<Import>,
    artifact: &'a Artifact,
    file: &'a AppFile,
    of_data: &'a BTreeSet<String>,
}

impl<'a> Lists<'a> {
    fn of(artifact: &'a Artifact, file: &'a AppFile, of_data: &'a BTreeSet<String>) -> Self {
        let sure = bindings(file).into_iter().filter(|(_, places)| places.len() == 1).map(|(name, _)| name).collect();
        Self { sure, own: lists(file), imports: imports(&file.content), artifact, file, of_data }
    }

    /// Whether the file that a name is imported from has such a list.
    fn is_taken(&self, name: &str, list: &str) -> bool {
        let brings = |import: &&Import| match &import.taken {
            Taken::Whole(known) => known == name,
            Taken::Names(names) => names.iter().any(|known| known == name),
        };
        let import = self.imports.iter().find(brings);
        let from = import.and_then(|import| target(self.artifact, &self.file.path, &import.path));
        from.is_some_and(|from| lists(from).contains(list))
    }

    fn has(&self, all: &str) -> bool {
        match all.rsplit_once('.') {
            Some((path, last)) => {
                let root = path.split('.').next().unwrap_or(path);
                self.own.contains(last) || self.of_data.contains(last) || self.is_taken(root, last)
            }
            None => self.sure.contains(all) && (self.own.contains(all) || self.is_taken(all, all)),
        }
    }
}

/// The names that a file uses as only a list is used, or gives a list to.
fn lists(file: &AppFile) -> BTreeSet<String> {
    let list = pattern!(r#"([\w$]+)(?:"?\s*[:=]\s*\[|\.(?:push|map|filter|forEach|reduce|some|find)\()"#);
    let kinds = kinds(file);
    let is_code = |found: &regex::Match<'_>| kinds[found.end() - 1] == Kind::Code;
    let found = list.captures_iter(&file.content).filter(|found| found.get(0).as_ref().is_some_and(is_code));
    found.map(|found| found[1].to_owned()).collect()
}

fn lists_of_data(artifact: &Artifact) -> BTreeSet<String> {
    let data = artifact.files.iter().filter(|file| language(&file.path) == Language::Json && !is_vendored(&file.path));
    data.flat_map(lists).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::repair::rung_tests::{artifact, content, done};

    fn mended(files: &[(&str, &str)]) -> Option<String> {
        done("for-in", &artifact("node a.js", files), &Diagnostic::UNTRIED).map(|app| content(&app, "a.js").to_owned())
    }

    fn over(all: &str, asked: &str) -> String {
        format!("for (const one in {all}) {{\n  f({asked});\n}}\n")
    }

    #[test]
    fn the_loop_over_a_list_is_mended_and_no_other() {
        let list = "const rows = [{ a: 1 }];\n";
        let (wrong, right) = (over("rows", "one.a"), over("rows", "one.a").replace(" in ", " of "));
        let other = over("rows", "one");
        assert_eq!(
            mended(&[("a.js", &format!("{list}{other}{wrong}"))]),
            Some(format!("{list}{other}{right}")),
            "of two"
        );
        let text = over("rows", "one.replaceAll(1, 2)");
        assert_eq!(mended(&[("a.js", &format!("{list}{text}"))]), None, "a text has that");
        assert_eq!(
            mended(&[("a.js", &format!("const rows = read();\n{wrong}")), ("b.js", list)]),
            None,
            "another file's"
        );
        assert_eq!(mended(&[("a.js", &format!("function f(rows) {{\n}}\n{list}{wrong}"))]), None, "which of them?");
        let import = format!("const {{ rows }} = require(\"./b\");\n{wrong}");
        assert!(mended(&[("a.js", &import), ("b.js", list)]).is_some(), "what it imports");
        let member = over("bill.rows", "one.a");
        assert!(mended(&[("a.js", &member), ("d.json", "{\"rows\": [{}]}")]).is_some(), "data tells");
    }
}

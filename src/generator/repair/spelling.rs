//! What is wrong with a name by a letter or two: `mesage` where the file has `message`.
//!
//! A name is taken for a slip only where the runtime does not know it, and where exactly one that the app declares is near.

use std::collections::BTreeSet;

use super::{
    Diagnostic,
    scan::{Kind, kinds, place, with_words},
    source::{Language, Sides, edit_one, is_vendored, language, pattern},
    symbols::only,
};
use crate::types::{AppFile, Artifact};

/// Letters of the shortest name that is looked at.
const NAME_MIN: usize = 4;
/// Letters from which on two slips are one.
const LONG: usize = 8;

/// `mesage is not defined`.
pub(super) fn variable(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let script = pattern!(r"ReferenceError: ([\w$]+) is not defined").captures(&diagnostic.output);
    let python = pattern!(r"NameError: name '(\w+)' is not defined").captures(&diagnostic.output);
    let name = script.or(python)?[1].to_owned();
    let place = place(artifact, diagnostic)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let right = nearest(&name, declared(file))?;
    edit_one(artifact, &place.path, |_| Some(with_words(file, &[(&name, &right)])))
}

/// `room.psot is not a function`, `'Room' object has no attribute 'psot'`.
pub(super) fn member(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    const OF_SCRIPTS: [&str; 16] = [
        "filter",
        "forEach",
        "includes",
        "indexOf",
        "reduce",
        "replace",
        "split",
        "slice",
        "toFixed",
        "toLowerCase",
        "toString",
        "toUpperCase",
        "createServer",
        "listen",
        "writeHead",
        "setHeader",
    ];
    let script = pattern!(r"TypeError: (?:[\w$]+(?:\(\.*\))?\.)+([\w$]+) is not a (?:function|constructor)");
    let python = pattern!(r"AttributeError: (?:'\w+' object|module '[\w.]+') has no attribute '(\w+)'");
    let found = script.captures(&diagnostic.output).or_else(|| python.captures(&diagnostic.output))?;
    let name = &found[1];
    let place = place(artifact, diagnostic)?;
    let wanted = language(&place.path);
    let own = artifact.files.iter().filter(|file| language(&file.path) == wanted && !is_vendored(&file.path));
    let mut known: BTreeSet<String> = own.filter(|file| sides.is_servers(file)).flat_map(members).collect();
    if known.contains(name) {
        return None;
    }
    if wanted == Language::Script {
        known.extend(OF_SCRIPTS.map(str::to_owned));
    }
    let right = nearest(name, known)?;
    let used = regex::Regex::new(&format!(r"\.{}\b", regex::escape(name))).ok()?;
    edit_one(artifact, &place.path, |text| Some(used.replace_all(text, format!(".{right}")).into_owned()))
}

/// Names that a file declares, anywhere in it, parameters included.
fn declared(file: &AppFile) -> BTreeSet<String> {
    let kinds = kinds(file);
    let script = pattern!(
        r"\b(?:const|let|var|function\*?|class)\s+([\w$]+)|(?:\bfunction\s*[\w$]*\s*|[\s(,=])\(([\w$\s,{}=]*)\)\s*(?:=>|\{)|\b(?:const|let|var)\s*[{\[]([^=]*)[}\]]\s*=|\bimport\s+([\w$\s,{}*]+)\s+from\b|([\w$]+)\s*=>|\bfor\s*\(\s*(?:const|let)\s+([\w$]+)"
    );
    let python = pattern!(
        r"(?m)\bdef\s+(\w+)|\bdef\s+\w+\(([^()]*)\)|\bclass\s+(\w+)|^\s*([A-Za-z_]\w*(?:,\s*\w+)*)\s*(?::[^=\n]+)?=[^=]|\bimport\s+([\w, ]+)|\bfor\s+([\w, ]+)\s+in\b|\bas\s+(\w+)"
    );
    let pattern = match language(&file.path) {
        Language::Script => script,
        Language::Python => python,
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => {
            return BTreeSet::new();
        }
    };
    let is_code = |found: &regex::Captures<'_>| found.get(0).is_some_and(|whole| kinds[whole.start()] == Kind::Code);
    let words = |found: regex::Captures<'_>| {
        let parts = found.iter().skip(1).flatten().map(|part| part.as_str().to_owned()).collect::<Vec<_>>().join(" ");
        pattern!(r"[A-Za-z_$][\w$]*").find_iter(&parts).map(|word| word.as_str().to_owned()).collect::<Vec<_>>()
    };
    // A definition's parameters stand behind its name, which the first of the alternatives takes.
    let parameters = pattern!(r"\bdef\s+\w+\(([^()]*)\)").captures_iter(&file.content).filter(is_code).flat_map(words);
    pattern.captures_iter(&file.content).filter(is_code).flat_map(words).chain(parameters).collect()
}

/// Methods, functions and fields that a file gives names.
fn members(file: &AppFile) -> Vec<String> {
    let script = pattern!(
        r"(?m)^\s*(?:static\s+)?(?:async\s+)?([\w$]+)\s*\([^()]*\)\s*\{|\bfunction\s+([\w$]+)|^\s*([\w$]+)\s*:|\bthis\.([\w$]+)\s*=|exports\.([\w$]+)|^export\s+const\s+([\w$]+)"
    );
    let python = pattern!(r"(?m)^\s*(?:async\s+)?def\s+(\w+)|\bself\.(\w+)\s*=|^\s*(\w+)\s*:\s*\w|^(\w+)\s*=");
    let pattern = if language(&file.path) == Language::Script { script } else { python };
    let name = |found: regex::Captures<'_>| found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned());
    pattern.captures_iter(&file.content).filter_map(name).collect()
}

/// The one name that differs by a slip.
fn nearest(name: &str, known: BTreeSet<String>) -> Option<String> {
    const WORDS: [&str; 8] = ["if", "for", "while", "switch", "catch", "return", "function", "constructor"];
    if name.len() < NAME_MIN {
        return None;
    }
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '$'], "");
    let slips = if name.len() >= LONG { 2 } else { 1 };
    let is_near = |other: &&String| {
        other.as_str() != name
            && other.len() >= NAME_MIN - 1
            && !WORDS.contains(&other.as_str())
            // A class and what is made of it are two things.
            && other.starts_with(char::is_uppercase) == name.starts_with(char::is_uppercase)
            && (plain(other) == plain(name) || distance(&plain(other), &plain(name)) <= slips)
    };
    let near: Vec<&String> = known.iter().filter(is_near).collect();
    let nearer = |most: usize| only(near.iter().filter(|other| distance(&plain(other), &plain(name)) <= most));
    (0..=slips).find_map(nearer).map(|name| (*name).clone())
}

/// Letters to add, leave out, replace or swap with the next.
fn distance(one: &str, other: &str) -> usize {
    const FAR: usize = usize::MAX;
    const LENGTH_MAX: usize = 64;
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().max(other.len()) > LENGTH_MAX {
        return FAR;
    }
    let mut rows = vec![vec![0_usize; other.len() + 1]; one.len() + 1];
    for (at, row) in rows.iter_mut().enumerate() {
        row[0] = at;
    }
    for (at, cell) in rows[0].iter_mut().enumerate() {
        *cell = at;
    }
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_near_name_is_meant() {
        let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(nearest("mesage", known(&["message", "room"])).as_deref(), Some("message"));
        assert_eq!(nearest("room_list", known(&["roomList", "roomLists"])).as_deref(), Some("roomList"));
        assert_eq!(nearest("item", known(&["items", "itemA"])), None, "either may be meant");
        assert_eq!(nearest("io", known(&["ip"])), None, "too short to tell");
        assert_eq!(nearest("total", known(&["count"])), None);
    }
}

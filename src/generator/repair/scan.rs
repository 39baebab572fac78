//! Code, texts and remarks told apart without a grammar, and the place in them that a runtime points at. Pure.

use super::{
    Diagnostic,
    source::{Language, is_vendored, language, pattern},
};
use crate::types::{AppFile, Artifact};

/// What a byte of a program is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Text,
    Remark,
}

/// The kind of each byte of a file. What is neither Python nor JavaScript is all code.
pub(super) fn kinds(file: &AppFile) -> Vec<Kind> {
    match language(&file.path) {
        Language::Script => script(file.content.as_bytes()),
        Language::Python => python(file.content.as_bytes()),
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => {
            vec![Kind::Code; file.content.len()]
        }
    }
}

fn script(text: &[u8]) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; text.len()];
    // For each template that is open, how many braces are open in its present insertion.
    let mut insertions: Vec<usize> = Vec::new();
    let (mut at, mut before) = (0, b'\n');
    while at < text.len() {
        let next = text.get(at + 1).copied();
        let (to, kind) = match (text[at], next) {
            (b'/', Some(b'/')) => (line_end(text, at), Kind::Remark),
            (b'/', Some(b'*')) => (find(text, at + 2, b"*/"), Kind::Remark),
            (quote @ (b'"' | b'\''), _) => (quoted(text, at + 1, quote), Kind::Text),
            (b'`', _) => template(text, at + 1, &mut insertions),
            (b'}', _) if insertions.last() == Some(&0) => {
                insertions.pop();
                template(text, at + 1, &mut insertions)
            }
            (b'/', _) if b"(,=:[!&|?{};\n".contains(&before) => (pattern_end(text, at), Kind::Text),
            (byte, _) => {
                match (byte, insertions.last_mut()) {
                    (b'{', Some(open)) => *open += 1,
                    (b'}', Some(open)) => *open -= 1,
                    (_, _) => {}
                }
                (at + 1, Kind::Code)
            }
        };
        kinds[at..to].fill(kind);
        if kind != Kind::Remark && !matches!(text[at], b' ' | b'\t' | b'\r') {
            before = text[to - 1];
        }
        at = to;
    }
    kinds
}

fn python(text: &[u8]) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; text.len()];
    let mut at = 0;
    while at < text.len() {
        let (to, kind) = match text[at] {
            b'#' => (line_end(text, at), Kind::Remark),
            quote @ (b'"' | b'\'') if text[at..].starts_with(&[quote; 3]) => {
                (find(text, at + 3, &[quote; 3]), Kind::Text)
            }
            quote @ (b'"' | b'\'') => (quoted(text, at + 1, quote), Kind::Text),
            _ => (at + 1, Kind::Code),
        };
        kinds[at..to].fill(kind);
        at = to;
    }
    kinds
}

fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length)
}

/// Behind the next `end`, or the end of it all.
fn find(text: &[u8], from: usize, end: &[u8]) -> usize {
    let from = from.min(text.len());
    text[from..]
        .windows(end.len())
        .position(|window| window == end)
        .map_or(text.len(), |found| from + found + end.len())
}

/// Behind the quote that ends a text of one line, or at the line's end.
fn quoted(text: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while at < text.len() && text[at] != b'\n' {
        match text[at] {
            b'\\' => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at.min(text.len())
}

/// Behind the backtick that ends a template, or the `${` that interrupts it.
fn template(text: &[u8], from: usize, insertions: &mut Vec<usize>) -> (usize, Kind) {
    let mut at = from;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'`' => return (at + 1, Kind::Text),
            b'$' if text.get(at + 1) == Some(&b'{') => {
                insertions.push(0);
                return (at + 2, Kind::Text);
            }
            _ => {}
        }
        at += 1;
    }
    (text.len(), Kind::Text)
}

/// Behind a regular expression; behind the slash alone when it is none.
fn pattern_end(text: &[u8], from: usize) -> usize {
    let (mut at, mut in_class) = (from + 1, false);
    while at < text.len() && text[at] != b'\n' {
        match text[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return at + 1,
            _ => {}
        }
        at += 1;
    }
    from + 1
}

/// Brackets of the code that are open at its end, with their places, and the first that closes nothing.
pub(super) fn brackets(file: &AppFile) -> (Vec<(usize, u8)>, Option<usize>) {
    let (mut open, mut surplus) = (Vec::new(), None);
    for (at, kind) in kinds(file).into_iter().enumerate() {
        let byte = file.content.as_bytes()[at];
        match byte {
            _ if kind != Kind::Code => {}
            b'(' | b'[' | b'{' => open.push((at, byte)),
            b')' | b']' | b'}' => match open.last() {
                Some((_, opening)) if closing(*opening) == byte => drop(open.pop()),
                Some(_) | None => surplus = surplus.or(Some(at)),
            },
            _ => {}
        }
    }
    (open, surplus)
}

pub(super) const fn closing(opening: u8) -> u8 {
    match opening {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// Words of the code, replaced; texts and remarks stay.
pub(super) fn with_words(file: &AppFile, words: &[(&str, &str)]) -> String {
    let (kinds, text) = (kinds(file), &file.content);
    let word = pattern!(r"[A-Za-z_$][\w$]*");
    let replaced = word.replace_all(text, |found: &regex::Captures<'_>| {
        let (at, name) = (found.get(0).map_or(0, |whole| whole.start()), &found[0]);
        let is_member = text[..at].ends_with('.') && !text[..at].ends_with("..");
        let other = words.iter().find(|(old, _)| *old == name).filter(|_| kinds[at] == Kind::Code && !is_member);
        other.map_or(name, |(_, new)| new).to_owned()
    });
    replaced.into_owned()
}

/// What a pattern finds in a file's code, replaced; where `change` gives nothing, and in texts and remarks, it stays.
pub(super) fn with_found(
    file: &AppFile,
    pattern: &regex::Regex,
    change: impl Fn(&regex::Captures<'_>) -> Option<String>,
) -> String {
    let kinds = kinds(file);
    let replaced = pattern.replace_all(&file.content, |found: &regex::Captures<'_>| {
        let is_code = found.get(0).is_some_and(|whole| kinds.get(whole.start()) == Some(&Kind::Code));
        is_code.then(|| change(found)).flatten().unwrap_or_else(|| found[0].to_owned())
    });
    replaced.into_owned()
}

/// A text with some of its ranges put otherwise, whatever their order. Of two that overlap only the one that begins first is, and
/// one that does not fit the text is not.
pub(super) fn spliced(text: &str, mut changes: Vec<(std::ops::Range<usize>, String)>) -> String {
    changes.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (range, better) in changes {
        if range.start >= at
            && text.get(range.clone()).is_some()
            && let Some(before) = text.get(at..range.start)
        {
            out.push_str(before);
            out.push_str(&better);
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The arguments of a call, each without the spaces around it; `open` is the place behind the bracket that begins them.
pub(super) fn arguments(text: &str, kinds: &[Kind], open: usize) -> Option<Vec<std::ops::Range<usize>>> {
    let (mut depth, mut from, mut all) = (0_usize, open, Vec::new());
    let trimmed = |from: usize, to: usize| -> Option<std::ops::Range<usize>> {
        let part = text.get(from..to)?;
        let from = from + part.len() - part.trim_start().len();
        Some(from..from + part.trim().len())
    };
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            _ if kinds.get(at) != Some(&Kind::Code) => {}
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => {
                all.push(trimmed(from, at)?);
                return Some(all);
            }
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                all.push(trimmed(from, at)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The bracket that the one at `close` ends.
pub(super) fn opening(text: &str, kinds: &[Kind], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (0..=close).rev().filter(|at| kinds.get(*at) == Some(&Kind::Code)) {
        match text.as_bytes()[at] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth <= 1 => return Some(at),
            b'(' | b'[' | b'{' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A line of one of the app's own files, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub path: String,
    pub line: usize,
}

/// Where the trouble is, by the runtime's own word: the innermost frame that is the app's.
pub(super) fn place(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Place> {
    let own = |path: &str| {
        let is = |file: &&AppFile| path == file.path || path.ends_with(&format!("/{}", file.path));
        let own = artifact.files.iter().filter(|file| !is_vendored(&file.path));
        own.filter(is).max_by_key(|file| file.path.len()).map(|file| file.path.clone())
    };
    let of = |found: regex::Captures<'_>| {
        let line = found[2].parse::<usize>().ok()?.checked_sub(1)?;
        Some(Place { path: own(&found[1])?, line })
    };
    // Python tells the innermost last, node first.
    let python = pattern!(r#"File "([^"\n]+)", line (\d+)"#).captures_iter(&diagnostic.output).filter_map(of).last();
    python
        .or_else(|| pattern!(r"(?:file://)?(/[^\s:()]+\.[cm]?js):(\d+)").captures_iter(&diagnostic.output).find_map(of))
}

/// The file of a place with that line changed; `None` when there is no such line or it stays as it is.
pub(super) fn with_line(
    artifact: &Artifact,
    place: &Place,
    change: impl FnOnce(&str) -> Option<String>,
) -> Option<Artifact> {
    let at = artifact.files.iter().position(|file| file.path == place.path)?;
    let mut lines: Vec<&str> = artifact.files[at].content.split('\n').collect();
    let line = lines.get(place.line)?;
    let better = change(line).filter(|better| better != line)?;
    lines[place.line] = &better;
    let content = lines.join("\n");
    let mut artifact = artifact.clone();
    artifact.files[at].content = content;
    Some(artifact)
}

/// The spaces before a line's first word.
pub(super) fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(path: &str, content: &str) -> String {
        let file = AppFile { path: path.to_owned(), content: content.to_owned() };
        let kinds = kinds(&file);
        content.bytes().zip(kinds).filter(|(_, kind)| *kind == Kind::Code).map(|(byte, _)| char::from(byte)).collect()
    }

    #[test]
    fn ranges_are_put_otherwise_in_any_order() {
        let at = |range: std::ops::Range<usize>, better: &str| (range, better.to_owned());
        assert_eq!(spliced("aébc", vec![at(3..4, "xyz"), at(0..1, "")]), "éxyzc");
        assert_eq!(spliced("abcd", vec![at(1..2, "x"), at(0..3, "y"), at(3..4, "z")]), "yz", "the outer one");
        assert_eq!(spliced("aé", vec![at(2..3, "x"), at(1..9, "x")]), "aé", "none of the text's");
    }

    #[test]
    fn texts_and_remarks_are_no_code() {
        assert_eq!(code("a.js", "a('(', \"\\\")\", /* ( */ b) // ("), "a(, ,  b) ");
        assert_eq!(code("a.js", "x = `(${y({ a: `${b}` })}(`;"), "x = y({ a: b })}(`;".replace("}(`", "").as_str());
        assert_eq!(code("a.js", "s.replace(/[)/]\\//g, (c) => c / 2)"), "s.replace(g, (c) => c / 2)");
        assert_eq!(code("a.py", "x = '''(\n''' + f\"(\" # (\ny"), "x =  + f \ny");
        assert_eq!(code("a.py", "s = 'open\ny)"), "s = \ny)");
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_kind_for_each_byte(text in "(\\PC|`|\\$\\{|[{}()'\"/*#\\\\\n]){0,60}") {
            for path in ["a.js", "a.py"] {
                let file = AppFile { path: path.to_owned(), content: text.clone() };
                proptest::prop_assert_eq!(kinds(&file).len(), text.len());
                brackets(&file);
                with_words(&file, &[("a", "b")]);
            }
        }
    }
}

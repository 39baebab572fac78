//! A file's outermost statements, by their lines. Pure, and in one pass over the file.
//!
//! A statement begins at a line's start, outside of brackets, texts and remarks, and reaches up to the next: what is indented,
//! and what goes on with a dot, belongs to the one before.

use std::ops::RangeInclusive;

use super::scan::{Kind, closing, kinds};
use crate::types::AppFile;

/// Statements of a file that a repair reads. One with more of them is no app's.
const STATEMENTS_MAX: usize = 2048;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// The place in the file of its first byte.
    pub at: usize,
    pub lines: RangeInclusive<usize>,
    pub text: &'a str,
    /// The same with spaces in the place of each byte of texts and remarks.
    pub code: String,
}

/// None where brackets do not fit, or there are too many.
pub(super) fn statements(file: &AppFile) -> Vec<Statement<'_>> {
    let (kinds, text) = (kinds(file), &file.content);
    let (mut starts, mut open, mut line) = (Vec::new(), Vec::new(), 0);
    for (at, byte) in text.bytes().enumerate() {
        let is_code = kinds[at] == Kind::Code;
        let begins = at == 0 || text.as_bytes()[at - 1] == b'\n' && kinds[at - 1] == Kind::Code;
        if begins && open.is_empty() && kinds[at] != Kind::Remark && !b" \t\r\n.)]}".contains(&byte) {
            starts.push((line, at));
        }
        match byte {
            b'(' | b'[' | b'{' if is_code => open.push(closing(byte)),
            b')' | b']' | b'}' if is_code && open.pop() != Some(byte) => return Vec::new(),
            b'\n' => line += 1,
            _ => {}
        }
    }
    if !open.is_empty() || starts.len() > STATEMENTS_MAX {
        return Vec::new();
    }
    let ends = starts.iter().skip(1).map(|(_, at)| *at).chain([text.len()]);
    starts.iter().zip(ends).map(|((line, from), to)| statement(text, &kinds, *line, *from..to)).collect()
}

/// What stands in a range, without the empty lines and the outermost remarks behind it.
fn statement<'a>(text: &'a str, kinds: &[Kind], line: usize, range: std::ops::Range<usize>) -> Statement<'a> {
    let (mut at, mut end) = (range.start, range.start);
    for part in text[range.clone()].split_inclusive('\n') {
        if !part.trim().is_empty() && kinds[at] != Kind::Remark {
            end = at + part.trim_end_matches('\n').len();
        }
        at += part.len();
    }
    let (at, text) = (range.start, &text[range.start..end]);
    let blank = |(byte, kind): (u8, &Kind)| match (byte, kind) {
        (b'\n', _) => '\n',
        (byte, Kind::Code) if byte.is_ascii() => char::from(byte),
        (_, Kind::Code | Kind::Text | Kind::Remark) => ' ',
    };
    let code = text.bytes().zip(&kinds[range.start..end]).map(blank).collect();
    Statement { at, lines: line..=line + text.matches('\n').count(), text, code }
}

/// The statements of a function of Python with all that decorates it, joined to one each; the others as they are.
pub(super) fn decorated(all: Vec<Statement<'_>>) -> Vec<Vec<Statement<'_>>> {
    let mut joined: Vec<Vec<Statement<'_>>> = Vec::new();
    for statement in all {
        match joined.last_mut() {
            Some(before) if before.last().is_some_and(|last| last.text.starts_with('@')) => before.push(statement),
            Some(_) | None => joined.push(vec![statement]),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, content: &str) -> Vec<String> {
        let file = AppFile { path: path.to_owned(), content: content.to_owned() };
        statements(&file).into_iter().map(|one| format!("{:?} {}", one.lines, one.text)).collect()
    }

    #[test]
    fn a_statement_reaches_up_to_the_next() {
        assert_eq!(
            told("a.js", "// a\nf(\n1)\n  .then();\n\n// b\ng();\n"),
            ["1..=3 f(\n1)\n  .then();", "6..=6 g();"]
        );
        assert_eq!(
            told("a.py", "@a\ndef f():\n    x = \"\"\"\nb\n\"\"\"\n\n    # c\n    return x\n\nf()"),
            ["0..=0 @a", "1..=7 def f():\n    x = \"\"\"\nb\n\"\"\"\n\n    # c\n    return x", "9..=9 f()"]
        );
        assert_eq!(told("a.js", "f();\n});\n"), [""; 0], "brackets that close nothing");
        let file = AppFile { path: "a.js".into(), content: "f(\"é(\") // x\n".into() };
        assert_eq!(statements(&file)[0].code, "f(     )     ");
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_statements(text in "(\\PC|[{}()'\"/*#@.\\\\\n]){0,60}") {
            for path in ["a.js", "a.py"] {
                let file = AppFile { path: path.to_owned(), content: text.clone() };
                for one in statements(&file) {
                    proptest::prop_assert_eq!(one.code.len(), one.text.len());
                }
            }
        }
    }
}

//! Texts: literals, and what is put together from parts.

use std::ops::Range;

use super::standing::standing;
use crate::guard::{
    fact::{Fact, Standing},
    read::{
        escape,
        html::unescape,
        walk::{Item, Walk},
    },
    rules,
    syntax::kinds::Kind,
    value::{Marks, Value},
};

/// A literal as it stands in the source.
pub(super) fn literal(walk: &mut Walk<'_, '_>, range: Range<usize>) -> Value {
    let source = &walk.source[range.clone()];
    let quote = source.find(['"', '\'', '`']).unwrap_or(0);
    let (prefix, quoted) = source.split_at(quote);
    let length = if walk.python && quoted.len() >= 6 && (quoted.starts_with("\"\"\"") || quoted.starts_with("'''")) {
        3
    } else {
        1
    };
    let body = inside(quoted, length);
    let (value, escaped) = if !body.contains('\\') || prefix.contains(['r', 'R']) {
        (Value::text(body), 0)
    } else {
        let (text, escaped) = unescaped(walk, body);
        (Value::text(text), escaped)
    };
    let tiny = value.as_text().is_some_and(rules::is_tiny);
    told(walk, &range, value, Marks::NONE, escaped).marked(if tiny { Marks::TINY } else { Marks::NONE })
}

/// The value of an attribute of a tag.
pub(super) fn markup(walk: &mut Walk<'_, '_>, range: Range<usize>) -> Value {
    let value = Value::text(unescape(inside(&walk.source[range.clone()], 1)));
    told(walk, &range, value, Marks::NONE, 0)
}

/// What stands between quotes. Of half a literal, what is there.
pub(super) fn inside(quoted: &str, quotes: usize) -> &str {
    quoted.get(quotes..quoted.len().saturating_sub(quotes)).unwrap_or_default()
}

/// A text with its escapes read, and how many of them were needless.
fn unescaped(walk: &Walk<'_, '_>, text: &str) -> (String, usize) {
    if walk.python { (escape::python(text), escape::needless(text)) } else { escape::javascript(text) }
}

/// Tells of a text, unless it is part of one that is told of as a whole.
fn told(walk: &mut Walk<'_, '_>, range: &Range<usize>, value: Value, marks: Marks, escaped: usize) -> Value {
    if let Some(text) = value.as_text()
        && walk.parent() != Kind::Join
    {
        let standing = standing(walk, range, text);
        let doubt = walk.tell(Fact::Text { text, marks, escaped, standing });
        return value.marked(doubt);
    }
    value
}

/// A text of several parts.
pub(super) fn text(walk: &mut Walk<'_, '_>, range: Range<usize>, items: Vec<Item>) -> Value {
    let (mut escaped, mut literal) = (0, true);
    let mut value = Value::text("");
    for inner in items {
        let part = match inner.kind {
            Kind::Chunk => {
                let (text, needless) = unescaped(walk, walk.span(&inner));
                escaped += needless;
                Value::text(text)
            }
            Kind::RawChunk => Value::text(walk.span(&inner)),
            // The width of a value is no part of the text.
            Kind::Block => continue,
            _ => {
                literal &= inner.kind == Kind::Literal;
                inner.value
            }
        };
        value = walk.append(value, &part);
    }
    let marks = if literal { Marks::NONE } else { value.marks };
    told(walk, &range, value, marks, escaped)
}

/// Words that nobody takes apart but to have them overlooked.
const TAKEN_APART: [&str; 7] =
    ["script", "eval", "child_process", "constructor", "execSync", "__import__", "__builtins__"];

/// Tells of a word that was joined from parts of itself.
pub(in crate::guard::read) fn tell_joined(walk: &mut Walk<'_, '_>, value: &Value) {
    if value.known().is_some_and(|word| TAKEN_APART.contains(&word)) && walk.parent() != Kind::Binary {
        walk.tell(Fact::Plain { rule: &rules::COMPUTED, what: "a word was taken apart, so as not to be read" });
    }
}

/// Tells of a text that was put together, once it is whole.
pub(in crate::guard::read) fn tell_assembled(walk: &mut Walk<'_, '_>, value: Value) -> Value {
    if matches!(walk.parent(), Kind::Binary | Kind::Member) {
        return value;
    }
    if let Some(text) = value.as_text()
        && walk.pay(text.len())
    {
        // What it is made of is followed already, and so is it.
        let standing = if value.marks.has(Marks::PLACE) { Standing::Searched } else { Standing::Plain };
        let marks = value.marks.with(Marks::ASSEMBLED);
        let doubt = walk.tell(Fact::Text { text, marks, escaped: 0, standing });
        return value.marked(doubt);
    }
    value
}

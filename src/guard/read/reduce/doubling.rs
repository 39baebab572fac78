//! What a loop makes twice as long at each turn.
//!
//! ```text
//!   s = s + s   a = [...a, ...a]   a.extend(a) ─► the loop doubles `s` (`a`) ─┐
//!   while (s.length > 0)           its condition ─────────────────────────────┴─► end of the loop: does it hold `s` down?
//! ```
//! Thirty turns of that fill any memory. Numbers double, too, and harm nobody: who tries again after twice the time, or
//! looks for room in twice the size, is let go on. So what doubles is a text or a list by what is known of it, or by
//! the way in which it is doubled, or since the loop measures its length.

use std::ops::Range;

use crate::guard::{
    read::walk::{Loop, Walk},
    value::{Shape, Value},
};

/// Bytes of an expression, or of a condition, that is looked at.
const BYTES_MAX: usize = 80;

/// What a loop makes twice as long.
pub(in crate::guard::read) struct Doubled {
    /// Where its name stands.
    name: Range<usize>,
    /// Whether it is a text or a list; a number, for all that is known, otherwise.
    long: bool,
}

/// `name = given`.
pub(super) fn assigned(walk: &mut Walk<'_, '_>, name: Range<usize>, given: &str) {
    if is_plain(walk, given) {
        let text = &walk.source[name.clone()];
        let plain: String = given.chars().filter(|c| !c.is_whitespace()).collect();
        let rest = plain.strip_prefix(text).unwrap_or_default();
        let again = rest.strip_prefix('+').and_then(|rest| rest.strip_prefix(text));
        let joined = rest.strip_prefix(".concat(").and_then(|rest| rest.strip_prefix(text));
        let spread = plain.strip_prefix("[...").and_then(|rest| rest.strip_prefix(text));
        let spread = spread.and_then(|rest| rest.strip_prefix(",...")).and_then(|rest| rest.strip_prefix(text));
        let whole = |rest: &str| !rest.starts_with(is_letter) && !rest.starts_with('[') && !rest.starts_with(".length");
        if joined.is_some_and(whole) || spread == Some("]") || is_multiplied(rest, ".repeat(", ")") {
            note(walk, name, true);
        } else if again.is_some_and(whole) || is_multiplied(rest, "*", "") {
            note(walk, name, false);
        }
    }
}

/// `.repeat(3)`, `*2`: by two or more.
fn is_multiplied(text: &str, before: &str, behind: &str) -> bool {
    let times = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
    times.and_then(|times| times.parse::<u32>().ok()).is_some_and(|times| times >= 2)
}

/// `name += given`, `name *= given`.
pub(super) fn augmented(walk: &mut Walk<'_, '_>, name: Range<usize>, operator: &str, given: &str) {
    let twice = match operator {
        "+=" => given == &walk.source[name.clone()],
        "*=" => is_multiplied(given, "", ""),
        _ => false,
    };
    if twice && is_plain(walk, given) {
        note(walk, name, false);
    }
}

/// `name.push(...name)`, `name.extend(name)`. `arguments` as they stand in the source.
pub(in crate::guard::read) fn called(walk: &mut Walk<'_, '_>, callee: Range<usize>, arguments: &str) {
    if !is_plain(walk, arguments) {
        return;
    }
    let Some((name, method)) = walk.source[callee.clone()].rsplit_once('.') else { return };
    let given = arguments.trim_matches(['(', ')']).trim();
    let given = match method {
        "push" | "unshift" => given.strip_prefix("..."),
        "extend" => Some(given),
        _ => None,
    };
    if given == Some(name) {
        let name = callee.start..callee.start + name.len();
        note(walk, name, true);
    }
}

/// Whether a loop that has ended doubles what nothing in its condition holds down.
pub(super) fn is_open(walk: &Walk<'_, '_>, ended: &Loop) -> bool {
    let Some(doubled) = &ended.doubled else { return false };
    let name = &walk.source[doubled.name.clone()];
    let condition = match &ended.condition {
        Some(condition) => &walk.source[condition.clone()],
        None if ended.endless => "",
        None => return false,
    };
    let measured = [format!("{name}.length"), format!("len({name})")].iter().any(|size| condition.contains(size));
    (doubled.long || measured)
        && !condition.split("&&").flat_map(|part| part.split(" and ")).any(|part| holds(part, name))
}

/// Whether a condition ends the loop at some length of `name`, or after some number of turns.
fn holds(condition: &str, name: &str) -> bool {
    let mentions = |side: &str| {
        side.match_indices(name)
            .any(|(at, _)| !side[..at].ends_with(is_letter) && !side[at + name.len()..].starts_with(is_letter))
    };
    if asks(condition, name) || is_subtracted(condition, name) {
        true
    } else if let Some((left, right)) = condition.split_once('<') {
        mentions(left) || !mentions(right)
    } else if let Some((left, _)) = condition.split_once('>') {
        !mentions(left)
    } else {
        condition.contains("!=")
    }
}

/// Functions that say the same of any text or list, however long.
const SAYING_NOTHING: [&str; 13] = [
    "len",
    "Boolean",
    "String",
    "Array.isArray",
    "isArray",
    "isinstance",
    "bool",
    "str",
    "type",
    "print",
    "log",
    "id",
    "Object",
];

/// `fits(s)`, `!full(list)`: what the name stands for is handed to a function, which says when it is enough.
fn asks(condition: &str, name: &str) -> bool {
    let Some((callee, given)) = condition.split_once('(') else { return false };
    let function = callee.rsplit(|c: char| !is_letter(c) && c != '.').next().unwrap_or_default();
    let last = function.rsplit('.').next().unwrap_or_default();
    let given = given.split([')', ',']).next().unwrap_or_default();
    !last.is_empty()
        && !SAYING_NOTHING.contains(&last)
        && !SAYING_NOTHING.contains(&function)
        && !condition.contains("||")
        && !condition.contains(" or ")
        && given.trim() == name
}

/// `need - cap.length > 0`: less and less is left.
fn is_subtracted(condition: &str, name: &str) -> bool {
    let left = condition.split_once('>').map(|(left, _)| left);
    let right = condition.split_once('<').map(|(_, right)| right);
    let less = |side: &str| {
        side.split_once('-').is_some_and(|(_, less)| less.trim_start().trim_start_matches("len(").starts_with(name))
    };
    left.or(right).is_some_and(less)
}

/// Whether the place is inside of a loop, and what is given short enough to be told at a glance.
fn is_plain(walk: &Walk<'_, '_>, given: &str) -> bool {
    given.len() <= BYTES_MAX && walk.loops.last().is_some_and(|frame| !frame.is_function)
}

/// Tells the innermost loop what it doubles; one further out may begin anew at each of its turns.
fn note(walk: &mut Walk<'_, '_>, name: Range<usize>, long: bool) {
    let known = walk.names.get(&walk.source[name.clone()]);
    if known.is_some_and(|value| matches!(value.shape, Shape::Number(_))) {
        return;
    }
    let long = long || known.is_some_and(|value| value.as_list().is_some() || is_words(value));
    if long {
        super::grow(walk);
    }
    if let Some(innermost) = walk.loops.last_mut() {
        innermost.doubled = Some(Doubled { name, long });
    }
}

/// A text that is no number.
fn is_words(value: &Value) -> bool {
    value.as_text().is_some() && value.as_number().is_none()
}

const fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_holds_a_length_or_counts_turns() {
        for condition in ["fits(s)", "!full(s)", "not wide_enough(s)", "n - s.length > 0", "n - len(s) > 0"] {
            assert!(holds(condition, "s"), "{condition}");
        }
        for condition in ["Boolean(s)", "isinstance(s, str)", "s.length - 1 > 0", "fits(t)", "fits(s) || true"] {
            assert!(!holds(condition, "s"), "{condition}");
        }
        for condition in ["s.length < n", "i < 9", "n > s.length", "count > 0", "i != 3", "more && s.length < 5"] {
            assert!(holds(condition, "s") || condition.contains("&&"), "{condition}");
        }
        for condition in ["s.length > 0", "0 < s.length", "len(s) > 0", "s", "ready()"] {
            assert!(!holds(condition, "s"), "{condition}");
        }
    }
}

//! What a text is for, as far as that can be seen from where it stands.
//!
//! ```text
//!   if (host === "metadata.internal")   url.startsWith("…")   case "…":   x in ("…", "…")   ["localhost", "…"] ─► compared
//!   { "/etc/passwd": "…" }                                                                                  ─► a key
//!   re.compile("…/etc/passwd…")                                                                             ─► a pattern
//!   anything else                                                                                           ─► plain
//! ```
//! Who refuses a place has to name it. A text that is only compared leads nowhere; what is then made of the thing that it
//! was compared with, the flow of values tells.

use std::ops::Range;

use memchr::memmem;

use crate::guard::{
    fact::{Standing, method},
    read::walk::Walk,
    rules,
    syntax::kinds::{Field, Kind},
};

/// Bytes of a list that is looked at as one of places that nobody may reach.
const LIST_BYTES_MAX: usize = 1024;
/// Bytes of a row that are looked through for the head of a loop, and blanks before a list.
const ROW_BYTES_MAX: usize = 256;
const BLANKS_MAX: usize = 256;

pub(super) fn standing(walk: &mut Walk<'_, '_>, range: &Range<usize>, text: &str) -> Standing {
    let source = walk.source;
    let (before, after) = (source[..range.start].trim_end(), source[range.end..].trim_start());
    let equals = |sign: &str| before.ends_with(sign) || after.starts_with(sign);
    if equals("==") || equals("!=") || ends_with_word(before, "case") {
        return Standing::Compared;
    }
    let found_in = after.starts_with("in ") || after.starts_with("not in ");
    let Some(parent) = walk.frames.last() else { return Standing::Plain };
    match parent.kind {
        Kind::Arguments => argument(walk),
        Kind::Pair if walk.items.len() == parent.base => Standing::Key,
        Kind::List if rules::is_metadata_host(text.trim_matches(['[', ']'])) => {
            let before = trimmed(&source[..parent.start]);
            let list = source.get(parent.start..parent.end).filter(|list| list.len() <= LIST_BYTES_MAX);
            let looped = walk.frames.iter().rev().nth(1).is_some_and(|around| around.kind == Kind::ForIn);
            if ends_with_word(before, "in") && !looped
                || list.is_some_and(names_no_place_to_go)
                || walk.pay(source.len()) && is_only_searched(source, before)
            {
                Standing::Compared
            } else {
                Standing::Plain
            }
        }
        _ if found_in => Standing::Compared,
        _ => Standing::Plain,
    }
}

/// By the function that it is given to.
fn argument(walk: &Walk<'_, '_>) -> Standing {
    let Some(call) = walk.frames.iter().rev().nth(1).filter(|call| matches!(call.kind, Kind::Call | Kind::New)) else {
        return Standing::Plain;
    };
    let callee = walk.items.get(call.base).filter(|callee| callee.field == Field::Function);
    let Some(path) = callee.and_then(|callee| callee.value.as_path()) else { return Standing::Plain };
    match (path, method(path)) {
        (
            "RegExp" | "re.compile" | "re.search" | "re.match" | "re.fullmatch" | "re.findall" | "re.finditer"
            | "re.sub",
            _,
        ) => Standing::Pattern,
        (
            _,
            "includes" | "has" | "startsWith" | "endsWith" | "indexOf" | "startswith" | "endswith" | "contains"
            | "equals" | "equal" | "strictEqual" | "notEqual" | "toBe" | "toEqual" | "addAddress" | "addSubnet"
            | "addRange",
        ) => Standing::Compared,
        (_, _) => Standing::Plain,
    }
}

/// `["localhost", "127.0.0.1", "metadata.internal"]`: this machine and its neighbours, by their bare names.
fn names_no_place_to_go(list: &str) -> bool {
    let near = ["localhost", "127.0.0.1", "0.0.0.0", "::1", "10.", "192.168.", "169.254.0.0"];
    let quoted = |name: &&str| ['"', '\'', '`'].iter().any(|quote| list.contains(&format!("{quote}{name}")));
    !list.contains("//") && near.iter().any(quoted)
}

/// `DENIED = {"…"}`, of which the file asks nothing but whether something is in it. `before` is what stands before the
/// list.
fn is_only_searched(source: &str, before: &str) -> bool {
    let made = ["new Set(", "frozenset(", "set(", "Object.freeze("];
    let given = made.iter().find_map(|made| before.strip_suffix(made)).unwrap_or(before).trim_end();
    let Some(definition) = given.strip_suffix('=').map(str::trim_end) else { return false };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let start = definition.trim_end_matches(is_name).len();
    let name = &definition[start..];
    let is_word = |c: char| is_name(c) || c == '.';
    let mut searched = 0;
    for at in memmem::find_iter(source.as_bytes(), name.as_bytes()).take_while(|_| !name.is_empty()) {
        let (left, right) = (&source[..at], &source[at + name.len()..]);
        let other = left.ends_with(is_word) || right.starts_with(|c: char| is_word(c) && c != '.');
        if other || at == start {
            continue;
        }
        let asks = ends_with_word(left.trim_end(), "in") && !is_loop(left);
        let has = [".has(", ".includes(", ".indexOf("].iter().any(|ask| right.starts_with(ask));
        if !asks && !has {
            return false;
        }
        searched += 1;
    }
    searched > 0
}

/// `for x in`, at the end of a row.
fn is_loop(left: &str) -> bool {
    let near = &left.as_bytes()[left.len().saturating_sub(ROW_BYTES_MAX)..];
    let row = near.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    memmem::find(row, b"for ").is_some()
}

/// Without the blanks at its end, as long as they are not more than anybody writes: many elements ask for those before
/// one list.
fn trimmed(text: &str) -> &str {
    let blanks = text.bytes().rev().take(BLANKS_MAX).take_while(u8::is_ascii_whitespace).count();
    &text[..text.len() - blanks]
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word)
        .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$')))
}

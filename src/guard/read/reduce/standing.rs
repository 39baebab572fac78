//! What a text is for, as far as that can be seen from where it stands.
//!
//! ```text
//!   if (host === "metadata.internal")   case "…":   x in ("…", "…")      ─► compared
//!   url.startsWith("…")   DENIED.has("…")   ["localhost", "metadata.…"]  ─► searched: what has a name may do what it likes,
//!                                                                           so the text is followed to the end of the file
//!   { "/etc/passwd": "…" }                                               ─► a key
//!   re.compile("…/etc/passwd…")                                          ─► a pattern
//!   anything else                                                        ─► plain
//! ```
//! Who refuses a place has to name it. A text that is only compared leads nowhere; what is then made of the thing that it
//! was compared with, the flow of values tells. Of the others, `doubt` tells where they go.

use std::ops::Range;

use crate::guard::{
    fact::{Standing, method},
    read::walk::Walk,
    rules,
    syntax::kinds::{Field, Kind},
};

/// Blanks before a list.
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
            let looped = walk.frames.iter().rev().nth(1).is_some_and(|around| around.kind == Kind::ForIn);
            let asked = !looped && ends_with_word(trimmed(&source[..parent.start]), "in");
            if asked { Standing::Compared } else { Standing::Searched }
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
        ) => Standing::Searched,
        (_, _) => Standing::Plain,
    }
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

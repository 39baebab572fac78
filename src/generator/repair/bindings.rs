//! Where a script gives a name a meaning: declarations, assignments, parameters and patterns. Pure, and in one pass over the file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    scan::{Kind, kinds},
    source::pattern,
};
use crate::types::AppFile;

/// For each name the places at which it gets a meaning. Where that is not sure, it is taken for one: who asks wants to know of a
/// name that it has no other.
pub(super) fn bindings(file: &AppFile) -> BTreeMap<&str, BTreeSet<usize>> {
    let (kinds, text) = (kinds(file), &file.content);
    let in_pattern = patterns(text, &kinds);
    let word = pattern!(r"[A-Za-z_$][\w$]*");
    let mut all: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for found in word.find_iter(text).filter(|found| kinds[found.start()] == Kind::Code) {
        let (before, after) = (text[..found.start()].trim_end(), text[found.end()..].trim_start());
        let is_member = before.ends_with('.') && !before.ends_with("...");
        let is_bound = in_pattern[found.start()] || is_declared(before) || is_assigned(after);
        if is_bound && !is_member {
            all.entry(found.as_str()).or_default().insert(found.start());
        }
    }
    all
}

fn is_declared(before: &str) -> bool {
    let last = last_word(before.trim_end_matches('*').trim_end());
    matches!(last, "const" | "let" | "var" | "function" | "class" | "import" | "as")
}

fn last_word(text: &str) -> &str {
    let from = text
        .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$')
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    &text[from..]
}

fn is_assigned(after: &str) -> bool {
    let is_plain = after.starts_with('=') && !after.starts_with("==");
    is_plain || ["??=", "||=", "&&=", "+=", "-="].iter().any(|operator| after.starts_with(operator))
}

/// For each byte whether it is inside of brackets that give names a meaning: parameters, and what is taken apart.
fn patterns(text: &str, kinds: &[Kind]) -> Vec<bool> {
    let bytes = text.as_bytes();
    let (mut open, mut steps) = (Vec::new(), vec![0_isize; bytes.len() + 1]);
    for at in (0..bytes.len()).filter(|at| kinds[*at] == Kind::Code) {
        match bytes[at] {
            b'(' | b'[' | b'{' => open.push(at),
            b')' | b']' | b'}' => {
                let Some(from) = open.pop() else { continue };
                if binds(text, from, at) {
                    steps[from] += 1;
                    steps[at] -= 1;
                }
            }
            _ => {}
        }
    }
    let mut depth = 0;
    let inside = |step: isize| {
        depth += step;
        depth > 0
    };
    steps.into_iter().map(inside).collect()
}

/// Whether what is in brackets gets a meaning by what stands around them.
fn binds(text: &str, from: usize, to: usize) -> bool {
    let after = text[to + 1..].trim_start();
    if !text[from..].starts_with('(') {
        return is_assigned(after) || after.starts_with("of ") || after.starts_with("from ");
    }
    let asks = ["if", "for", "while", "switch", "with", "await"].contains(&last_word(text[..from].trim_end()));
    after.starts_with("=>") || after.starts_with('{') && !asks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_that_gives_a_name_a_meaning_is_found() {
        let times = |content: &str| {
            let file = AppFile { path: "a.js".to_owned(), content: content.to_owned() };
            bindings(&file).get("x").map_or(0, BTreeSet::len)
        };
        for once in [
            "const x = 1; f(x);",
            "let a = 1, x = 2;",
            "x = 3;",
            "function f(a, x) { return x; }",
            "list(x, b) { }",
            "(x, res) => res.json(x)",
            "({ a: { x } }) => 1",
            "const [x] = await f();",
            "const { a, b: [x] } = y;",
            "for (const { x } of y) {}",
            "import { x } from 'y';",
            "import * as x from 'y';",
            "x => x + 1",
            "function x() {}",
            "x ??= 1",
        ] {
            assert_eq!(times(once), 1, "{once}");
        }
        for never in [
            "f(x)",
            "if (x) { }",
            "a.x = 1",
            "f({ x: 1, y: x })",
            "for (y of x) {}",
            "x == 1",
            "'x = 1' // x = 1",
            "while (x) {}",
        ] {
            assert_eq!(times(never), 0, "{never}");
        }
        assert_eq!(times("const x = new Map();\nconst { x } = y;\ng((x) => x);"), 3);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|[{}()'\"/*#@.\\\\\n=]|=>|x){0,60}") {
            bindings(&AppFile { path: "a.js".to_owned(), content: text });
        }
    }
}

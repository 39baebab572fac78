//! What a reader of the code should not see.

use super::Rule;
use crate::guard::{found::Found, verdict::Severity};

/// Names such as `_0x3fa2` that a tool has made, before a file counts as its work.
const TOOL_NAMES_MIN: usize = 6;
/// Letters written as escapes, before a text counts as hidden.
const ESCAPES_MIN: usize = 6;

pub static BIDI: Rule = Rule {
    id: "hidden-direction",
    severity: Severity::Block,
    why: "what is shown is not what runs (\"Trojan Source\")",
    remedy: "remove the character; write text from right to left without overrides",
    finds: &[("x.js", "/* \u{202e} } \u{2066}if (admin)\u{2069} */"), ("x.py", "a = 'user\u{202e}'\n")],
    spares: &[("x.js", "const title = 'قائمة المهام';"), ("x.py", "s = 'שלום'\n")],
};
pub static INVISIBLE: Rule = Rule {
    id: "hidden-character",
    severity: Severity::Block,
    why: "a name with it is another name, and a run of them can carry a program",
    remedy: "remove the character",
    finds: &[("x.js", "const adm\u{200b}in = 1;"), ("x.js", "const \u{3164} = 1;")],
    spares: &[
        ("x.js", "const flag = '👩\u{200d}💻'; const heart = '❤\u{fe0f}';"),
        ("x.css", "\u{feff}body { margin: 0 }"),
    ],
};
pub static NAME: Rule = Rule {
    id: "hidden-name",
    severity: Severity::Block,
    why: "the name is written so that it is not recognised",
    remedy: "write names in plain letters of one script",
    finds: &[("x.js", "\\u0065v\\u0061l('1')"), ("x.py", "p\u{430}ssword = 1\n")],
    spares: &[("x.py", "größe = 1\nпароль = 2\n"), ("x.js", "const 名前 = '\\u00e9';")],
};
pub static SCRAMBLED: Rule = Rule {
    id: "code-scrambled",
    severity: Severity::Block,
    why: "code that was made unreadable cannot be judged",
    remedy: "give the source as a person wrote it",
    finds: &[
        (
            "x.js",
            "var _0x1a2b=['a'],_0x2b3c=1,_0x3c4d=2;(function(_0x4d5e,_0x5e6f){_0x6f70=_0x4d5e})(_0x1a2b,_0x2b3c);",
        ),
        ("x.js", "eval(function(p,a,c,k,e,d){return p}('0 1',2,2,'a|b'.split('|'),0,{}))"),
    ],
    spares: &[("x.js", "const mask = 0xff; const matrix = [[1,0],[0,1]];")],
};
pub static ESCAPED: Rule = Rule {
    id: "text-escaped",
    severity: Severity::Block,
    why: "plain letters are written as codes, which hides what they say",
    remedy: "write the text as it is",
    finds: &[
        ("x.js", "const m = '\\x63\\x68\\x69\\x6c\\x64\\x5f\\x70';"),
        ("x.py", "m = '\\x6f\\x73\\x2e\\x73\\x79\\x73\\x74'\n"),
    ],
    spares: &[
        ("x.js", "const red = '\\x1b[31m', e = '\\u00e9\\u00e8';"),
        ("x.py", "MAGIC = b'\\x89PNG\\r\\n\\x1a\\n'\n"),
    ],
};

pub(super) const RULES: &[&Rule] = &[&BIDI, &INVISIBLE, &NAME, &SCRAMBLED, &ESCAPED];

pub(super) fn name(name: &str, escaped: bool, line: usize, found: &mut Found<'_>) {
    if escaped {
        found.add(&NAME, line, &format!("`{name}` has escapes"));
    }
    if name.contains(['\u{200c}', '\u{200d}']) && !name.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        found.add(&INVISIBLE, line, "a name holds what joins letters and cannot be seen");
    }
    let latin = name.chars().any(|c| c.is_ascii_alphabetic());
    // Cyrillic and Greek letters that look like Latin ones, and the mathematical alphabets that become them.
    let strange = name.chars().any(|c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}'));
    let styled = name.chars().any(|c| matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{ff21}'..='\u{ff5a}'));
    // A single letter in front or behind, as in `Δt` or `λx`, is how formulas are written.
    let formula = name.chars().filter(|c| !c.is_ascii()).count() == 1 && name.chars().count() <= 3
        || name.split('_').all(|part| part.is_ascii() || !part.chars().any(|c| c.is_ascii_alphabetic()))
        || name.starts_with(['Δ', 'δ', 'λ', 'σ', 'μ', 'θ', 'α', 'β', 'Σ', 'φ', 'ω', 'π', 'ε']);
    if latin && strange && !formula || styled {
        found.add(&NAME, line, &format!("`{name}` mixes scripts that look alike"));
    }
    if name.starts_with("_0x") && name.len() >= 6 && name[3..].chars().all(|c| c.is_ascii_hexdigit()) {
        found.tool_names += 1;
        if found.tool_names == TOOL_NAMES_MIN {
            found.add(&SCRAMBLED, line, "its names were made by a tool that hides them");
        }
    }
}

/// The name in Latin letters that a name in Cyrillic ones looks like.
pub(in crate::guard) fn lookalike(name: &str) -> Option<String> {
    const CYRILLIC: &str = "аеорсухіјѕһԁԛԝАВЕКМНОРСТХІЈЅ";
    const LATIN: &str = "aeopcyxijshdqwABEKMHOPCTXIJS";
    let letter = |c: char| {
        if c.is_ascii() {
            Some(c)
        } else {
            CYRILLIC.chars().zip(LATIN.chars()).find(|(it, _)| *it == c).map(|(_, c)| c)
        }
    };
    (!name.is_ascii()).then(|| name.chars().map(letter).collect()).flatten()
}

pub(super) fn text(text: &str, escaped: usize, line: usize, found: &mut Found<'_>) {
    if escaped >= ESCAPES_MIN && escaped * 2 >= text.chars().take(4 * escaped).count() {
        found.add(&ESCAPED, line, &format!("`{text}` is written in escapes"));
    }
}

//! What could not be read.

use super::Rule;
use crate::guard::verdict::Severity;

pub static NOT_PARSED: Rule = Rule {
    id: "file-not-parsed",
    severity: Severity::Warn,
    why: "only the words of the file were read, not its structure",
    remedy: "mend its syntax, or make it smaller",
    finds: &[("package.json", "{\"name\": ")],
    spares: &[("package.json", "{\"name\": \"app\"}")],
};
pub static NOT_TEXT: Rule = Rule {
    id: "file-not-text",
    severity: Severity::Block,
    why: "a file with a name of code is none that can be read",
    remedy: "give data another name, and code as text",
    finds: &[("x.js", "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0\0")],
    spares: &[("data.bin", "\0\0\0"), ("x.js", "const a = '\\0';")],
};
pub static UNREADABLE: Rule = Rule {
    id: "code-unreadable",
    severity: Severity::Block,
    why: "no parser makes out what this part does, and harmless code is plain",
    remedy: "mend the syntax, so that the code can be read",
    finds: &[("x.py", "def (((:\n  eval(x) ]]] %%%\n")],
    spares: &[("x.py", "def f(:\n  return 1\n"), ("x.js", "const a = /x/.exec(;")],
};

pub(super) const RULES: &[&Rule] = &[&NOT_PARSED, &NOT_TEXT, &UNREADABLE];

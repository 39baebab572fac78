//! What makes two failures the same one, though lines have moved and the sandbox is another.

use std::fmt;

use super::{Diagnostic, Trouble, source::pattern};

/// Characters of an error that tell it from others.
const KEPT_MAX: usize = 240;

/// An error without what changes from run to run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The fingerprint of a failure: its step and its error's own line, without numbers, addresses and folders.
#[must_use]
pub fn fingerprint(diagnostic: &Diagnostic) -> Fingerprint {
    let step = match diagnostic.trouble {
        Trouble::None => "untried",
        Trouble::Build => "build",
        Trouble::Ended(_) => "ended",
        Trouble::Deaf => "deaf",
        Trouble::Check => "check",
        Trouble::Blocked => "blocked",
    };
    let line = telling(&diagnostic.output);
    let line = pattern!(r"(?:[A-Za-z]:)?(?:/[\w.@%+~-]+)*/([\w.@%+~-]+)").replace_all(line, "$1");
    let line = pattern!(r"\x1b\[[0-9;]*m").replace_all(&line, "");
    let line = pattern!(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b|\d+").replace_all(&line, "#");
    let words: String = line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(KEPT_MAX).collect();
    Fingerprint(format!("{step}: {words}"))
}

/// The line that says what went wrong: the last that speaks of an error and is no frame of a trace; else the last.
fn telling(output: &str) -> &str {
    let speaks = pattern!(r"(?i)error|exception|cannot|can't|unable|fail|denied|not found|refused|expected");
    let lines = || output.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let is_frame = |line: &str| line.starts_with("at ") || line.starts_with("File \"") || line.starts_with("npm ");
    lines().find(|line| speaks.is_match(line) && !is_frame(line)).or_else(|| lines().next()).unwrap_or_default()
}

//! Recipes that no shell runs: `make` and `just` leave them to whatever program a file names.
//!
//! ```text
//!   SHELL = /usr/bin/python3     set shell := ["node", "-e"]     ─► all recipes are programs in that language
//!   run:
//!       #!/usr/bin/env python3                                    ─► this one is
//!       import os; …
//! ```
//! They are read as what they are run as, and as a shell's besides. What no reader knows is blocked.

use super::Language;
use crate::guard::{found::Found, rules};

/// Has the recipes of a file read by the readers of their languages. `script`: all of them, with their variables put in.
pub(super) fn read(text: &str, script: &str, first_line: usize, found: &mut Found<'_>) {
    bodies(text, first_line, found);
    let (mut python, mut javascript) = (false, false);
    for (at, line) in text.lines().enumerate() {
        let (left, value) = line.trim_start().split_once('=').unwrap_or_default();
        let left = left.trim_end_matches([':', '?', '+', ' ', '\t']);
        if !left.ends_with("SHELL") && left != "set shell" && left != "set script-interpreter" {
            continue;
        }
        // All of them once in each language.
        match interpreter(value) {
            Some(Language::Python) if !std::mem::replace(&mut python, true) => {
                found.nest(Language::Python, script, first_line);
            }
            Some(Language::JavaScript) if !std::mem::replace(&mut javascript, true) => {
                found.nest(Language::JavaScript, script, first_line);
            }
            Some(Language::Text) => unread(first_line + at, found),
            Some(_) | None => {}
        }
    }
}

fn unread(line: usize, found: &mut Found<'_>) {
    found.add(&rules::UNREADABLE, line, "its recipes are run by a program that is no shell");
}

/// The language of a program that runs recipes: text where it is none that is read here, and nothing for a shell.
fn interpreter(program: &str) -> Option<Language> {
    let lower = program.to_ascii_lowercase();
    let found = lower.contains("which") || lower.contains("command -v");
    if lower.contains("python") {
        Some(Language::Python)
    } else if ["node", "bun", "deno"].iter().any(|name| lower.contains(name)) {
        Some(Language::JavaScript)
    } else {
        let other = ["perl", "ruby", "php", "lua", "tclsh", "awk"].iter().any(|name| lower.contains(name));
        (other || lower.contains("$(") && !found).then_some(Language::Text)
    }
}

/// Recipes of `just` that begin with the name of who runs them are read as programs of their own.
fn bodies(text: &str, first_line: usize, found: &mut Found<'_>) {
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        let body = line.trim_start();
        if !body.starts_with("#!") || body.len() == line.len() {
            continue;
        }
        let indent = line.len() - body.len();
        let mut program = format!("{body}\n");
        while let Some((_, more)) = lines.next_if(|(_, more)| more.trim().is_empty() || more.starts_with([' ', '\t'])) {
            program.push_str(more.get(indent..).unwrap_or(more.trim_start()));
            program.push('\n');
        }
        match (Language::of("recipe", &program), interpreter(body)) {
            (Language::Shell, Some(Language::Text)) => unread(first_line + at, found),
            (Language::Shell, _) => {}
            (language, _) => found.nest(language, &program, first_line + at),
        }
    }
}

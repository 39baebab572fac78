//! Makefiles, and the recipes of `just`: what their variables stand for is put in, and the recipes are read as a shell's.
//!
//! ```text
//!   GET := curl -fsS          ┐                        line for line
//!   run:                      ├─► @$(GET) $(URL) | sh ───────────────► curl -fsS https://… | sh ─► shell
//!   <tab>@$(GET) $(URL) | sh  ┘
//! ```
//! What stands outside of a recipe runs nothing, but for `$(shell …)` and `!=`. A variable that the file does not set is one
//! of the environment, which the shell's reader knows as it knows its own.

use std::{collections::HashMap, str::Lines};

use super::shell;
use crate::guard::{found::Found, rules, value::HOLE};

/// Variables in variables.
const DEPTH_MAX: usize = 12;
/// Variables that are remembered.
const VARIABLES_MAX: usize = 512;
/// Bytes that are written for each byte of the file, and at least.
const WRITTEN_PER_BYTE: usize = 16;
const WRITTEN_MIN: usize = 64 * 1024;
/// What it costs to look a variable up, in such bytes: one may stand for many that stand for nothing.
const VALUE_COST: usize = 16;

#[derive(Default)]
struct Make {
    variables: HashMap<String, String>,
    /// Of the line that is read: what is run while it is.
    shells: Vec<String>,
    /// Bytes that may still be written.
    budget: usize,
    lost: bool,
}

pub(super) fn read(text: &str, first_line: usize, found: &mut Found<'_>) {
    let (script, lost) = script(text);
    if lost {
        found.add(&rules::UNREADABLE, first_line, "its variables are more than any such file has");
    }
    shell::read(&script, first_line, found);
}

/// The commands of all recipes, each on the line where it stands, and whether some of them were not followed.
fn script(text: &str) -> (String, bool) {
    let mut make = Make { budget: WRITTEN_MIN + text.len() * WRITTEN_PER_BYTE, ..Make::default() };
    // A recipe may stand above what its variables are set to.
    let (mut lines, mut defined) = (text.lines(), None);
    while let Some(line) = lines.next() {
        make.set(line, &mut lines, &mut defined);
    }
    let mut script = String::with_capacity(text.len());
    let mut in_rule = false;
    for line in text.lines() {
        let recipe = match line.strip_prefix('\t') {
            Some(recipe) => Some(recipe),
            None if in_rule && line.starts_with(' ') && assigned(line.trim_start()).is_none() => {
                Some(line.trim_start())
            }
            None => {
                in_rule = line.contains(':') && assigned(line).is_none() || in_rule && line.trim().is_empty();
                // `target: ; command`
                line.split_once(';').filter(|_| in_rule).map(|(_, recipe)| recipe)
            }
        };
        if let Some(recipe) = recipe {
            let command = recipe.trim_start().trim_start_matches(['@', '-', '+']);
            let command = make.expanded(command, 0);
            script.push_str(&command);
        } else if line.contains("$(shell") || line.contains("!=") {
            let _ = make.expanded(line, 0);
            make.shells.extend(line.split_once("!=").map(|(_, command)| command.to_owned()));
        }
        for command in std::mem::take(&mut make.shells) {
            script.push(';');
            script.push_str(&command);
        }
        script.push('\n');
    }
    (script, make.lost)
}

/// `NAME := value`, with any of the signs of make and just.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let line =
        ["export ", "override ", "private "].iter().fold(line, |line, word| line.strip_prefix(word).unwrap_or(line));
    let (left, value) = line.split_once('=')?;
    let name = left.trim_end_matches([':', '?', '+', '!']).trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    plain.then_some((name, value.trim()))
}

impl Make {
    /// Remembers what a line sets, or one of a `define`. Takes the lines below that it goes on in.
    fn set(&mut self, line: &str, below: &mut Lines<'_>, defined: &mut Option<String>) {
        if let Some(name) = defined.take() {
            if line.trim() != "endef" {
                let value = self.variables.entry(name.clone()).or_default();
                value.push_str(line.trim_start());
                value.push_str("; ");
                *defined = Some(name);
            }
            return;
        }
        if let Some(name) = line.strip_prefix("define ") {
            *defined = Some(name.trim_end_matches(['=', ':', ' ']).to_owned());
            return;
        }
        if line.starts_with('\t') {
            return;
        }
        let Some((name, value)) = assigned(line.trim_start()) else { return };
        // just has its texts in quotes.
        let plain = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let plain = plain.or_else(|| value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')));
        let mut value = plain.unwrap_or(value).to_owned();
        while value.ends_with('\\') {
            value.pop();
            value.push(' ');
            value.push_str(below.next().unwrap_or_default().trim());
        }
        if self.variables.len() >= VARIABLES_MAX && !self.variables.contains_key(name) {
            self.lost = true;
        } else if line.contains("+=") {
            let old = self.variables.entry(name.to_owned()).or_default();
            old.push(' ');
            old.push_str(&value);
        } else if !line.contains("?=") || !self.variables.contains_key(name) {
            self.variables.insert(name.to_owned(), value);
        }
    }

    /// A text with its variables put in.
    fn expanded(&mut self, text: &str, depth: usize) -> String {
        let mut written = String::with_capacity(text.len());
        let (mut rest, mut closes) = (text, true);
        while let Some(at) = rest.find(['$', '{']) {
            written.push_str(&rest[..at]);
            let (sign, behind) = (&rest[at..=at], &rest[at + 1..]);
            let (value, left) = match behind.chars().next() {
                Some('{') if sign == "{" && closes => match behind[1..].split_once("}}") {
                    Some((name, left)) => (self.value(name.trim(), depth), left),
                    None => {
                        closes = false;
                        ("{{".to_owned(), &behind[1..])
                    }
                },
                _ if sign == "{" => ("{".to_owned(), behind),
                Some('$') => ("$".to_owned(), &behind[1..]),
                Some(open @ ('(' | '{')) => {
                    let close = if open == '(' { ')' } else { '}' };
                    let (inner, left) = inside(&behind[1..], open, close);
                    (self.value(inner, depth), left)
                }
                Some('@' | '<' | '^' | '*' | '?' | '+' | '%') => (HOLE.to_string(), &behind[1..]),
                Some(c) if c.is_ascii_alphabetic() => (self.value(&behind[..1], depth), &behind[1..]),
                Some(_) | None => ("$".to_owned(), behind),
            };
            written.push_str(&value);
            rest = left;
        }
        written.push_str(rest);
        if written.len() > self.budget {
            self.lost = true;
            return String::new();
        }
        self.budget -= written.len();
        written
    }

    /// What a variable or a function stands for.
    fn value(&mut self, inner: &str, depth: usize) -> String {
        self.lost |= depth >= DEPTH_MAX || self.budget < VALUE_COST;
        if self.lost {
            return String::new();
        }
        self.budget -= VALUE_COST;
        let (name, rest) = inner.split_once([' ', '\t']).unwrap_or((inner, ""));
        let args: Vec<&str> = rest.split(',').map(str::trim).collect();
        match (name, args.as_slice()) {
            ("shell", _) => {
                let command = self.expanded(rest, depth + 1);
                self.shells.push(command);
                HOLE.to_string()
            }
            ("subst", [old, new, text]) => {
                let (old, new) = (self.expanded(old, depth + 1), self.expanded(new, depth + 1));
                let text = self.expanded(text, depth + 1);
                self.replaced(text, &old, &new)
            }
            ("strip" | "firstword" | "lastword" | "eval" | "info", _) => self.expanded(rest, depth + 1),
            ("or" | "if" | "call", [_, ..]) => {
                args.last().map_or_else(String::new, |text| self.expanded(text, depth + 1))
            }
            ("join", [one, other]) => self.expanded(one, depth + 1) + &self.expanded(other, depth + 1),
            (_, _) if !rest.is_empty() => HOLE.to_string(),
            (_, _) => {
                let plain = name.split(':').next().unwrap_or(name).to_owned();
                match self.variables.get(&plain).cloned() {
                    Some(value) => self.expanded(&value, depth + 1),
                    None if plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => format!("${{{plain}}}"),
                    None => HOLE.to_string(),
                }
            }
        }
    }

    /// A text with another in the place of `old`, as long as what that makes can be paid for.
    fn replaced(&mut self, text: String, old: &str, new: &str) -> String {
        if old.is_empty() {
            return text;
        }
        let added = text.matches(old).count().saturating_mul(new.len());
        self.lost |= added > self.budget;
        if self.lost { String::new() } else { text.replace(old, new) }
    }
}

/// What stands inside of a bracket that is open, and what behind it.
fn inside(text: &str, open: char, close: char) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            c if c == open => depth += 1,
            c if c == close && depth == 0 => return (&text[..at], &text[at + 1..]),
            c if c == close => depth -= 1,
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_into_recipes() {
        for (text, command) in [
            ("A := cu\nB = $(A)rl\nx:\n\t@$(B) -s y", "curl -s y"),
            ("x: ; ${A} b\nA=rm", "rm b"),
            ("x:\n\techo $$HOME $@ $(HOME)", "echo $HOME \u{fffc} ${HOME}"),
            ("x:\n\t$(subst _,,r_m) -rf", "rm -rf"),
            ("define go\nrm a\nendef\nx:\n\t$(go)", "rm a; "),
            ("tool := \"cowsay\"\nx:\n    {{tool}} hi", "cowsay hi"),
            ("A = a \\\n  b\nx:\n\t$(A)", "a  b"),
        ] {
            let (script, lost) = script(text);
            assert!(!lost && script.lines().any(|line| line == command), "{text}: {script}");
        }
        assert_eq!(script("X := $(shell id -u)\nall:\n").0, ";id -u\n\n");
    }

    #[test]
    fn what_grows_is_cut() {
        let text = format!("A = x\n{}x:\n\t$(A)\n", "A := $(A) $(A)\n".repeat(4));
        assert!(script(&text).1);
        let wide = (0..30).map(|at| format!("A{} = $(A{at}) $(A{at})\n", at + 1)).collect::<String>();
        assert!(script(&format!("A0 = xxxxxxxx\n{wide}x:\n\t$(A30)\n")).1);
        let twice = format!("N={}\nT={0}\nx:\n\t$(subst a,$(N),$(T))\n", "a".repeat(40_000));
        assert!(script(&twice).1);
        assert_eq!(script("x:\n\techo $(subst $(E),b,abc)\n").0, "\necho abc\n");
    }
}

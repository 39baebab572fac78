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

use super::{choices::Choices, recipes, shell};
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
/// Values of one variable, and ways through one line, before nobody follows it any more.
const ALTERNATIVES_MAX: usize = 8;
const WAYS_MAX: usize = 256;

#[derive(Default)]
struct Make {
    /// Each with all that it is ever set to: which holds may hang on the target, or on the machine.
    variables: HashMap<String, Vec<String>>,
    choices: Choices,
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
    recipes::read(text, &script, first_line, found);
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
    let prefix = text.lines().find_map(|line| line.strip_prefix(".RECIPEPREFIX"));
    let prefix = prefix.and_then(|line| line.trim_start_matches([' ', ':', '=']).chars().next()).unwrap_or('\t');
    for line in text.lines() {
        let recipe = match line.strip_prefix('\t').or_else(|| line.strip_prefix(prefix)) {
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
            make.each_way(command, &mut script);
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
    /// Writes a command in all ways that it can be meant.
    fn each_way(&mut self, command: &str, script: &mut String) {
        for way in 0.. {
            let written = self.expanded(command, 0);
            self.lost |= way >= WAYS_MAX;
            if !self.choices.turn() || self.lost {
                script.push_str(&written);
                return;
            }
            // The others stand before it, on the same line where that can be.
            script.push_str(written.trim_end_matches('\\'));
            script.push(if written.contains('#') { '\n' } else { ';' });
        }
    }

    /// Remembers what a line sets, or one of a `define`. Takes the lines below that it goes on in.
    fn set(&mut self, line: &str, below: &mut Lines<'_>, defined: &mut Option<String>) {
        if let Some(name) = defined.take() {
            if line.trim() != "endef" {
                let values = self.variables.entry(name.clone()).or_default();
                let mut value = values.pop().unwrap_or_default();
                value.push_str(line.trim_start());
                value.push_str("; ");
                values.push(value);
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
        // `target: NAME = value`
        let own = || line.split_once(':').and_then(|(_, own)| assigned(own.trim_start()));
        let Some((name, value)) = assigned(line.trim_start()).or_else(own) else { return };
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
            let values = self.variables.entry(name.to_owned()).or_default();
            let mut old = values.pop().unwrap_or_default();
            old.push(' ');
            old.push_str(&value);
            values.push(old);
        } else if !line.contains("?=") || !self.variables.contains_key(name) {
            let values = self.variables.entry(name.to_owned()).or_default();
            if !values.contains(&value) {
                self.lost |= values.len() >= ALTERNATIVES_MAX;
                values.push(value);
            }
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
        let args = separated(rest);
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
            ("if", _) if inner.contains('{') => self.conditional(rest, depth),
            ("if", [_, ways @ ..]) | ("or" | "and", ways) if !ways.is_empty() => {
                let way = self.choices.pick(ways.len());
                ways.get(way).map_or_else(String::new, |text| self.expanded(text, depth + 1))
            }
            ("call", [name, given @ ..]) => {
                for (at, text) in given.iter().enumerate().take(ALTERNATIVES_MAX) {
                    let text = self.expanded(text, depth + 1);
                    self.variables.insert((at + 1).to_string(), vec![text]);
                }
                self.value(name, depth + 1)
            }
            ("value", [name]) => self.value(name, depth + 1),
            ("foreach" | "let", [name, each, text]) => {
                let each = self.expanded(each, depth + 1);
                self.variables.insert((*name).to_owned(), each.split_whitespace().take(1).map(str::to_owned).collect());
                self.expanded(text, depth + 1)
            }
            ("addprefix", [one, other]) => self.expanded(one, depth + 1) + &self.expanded(other, depth + 1),
            ("addsuffix", [one, other]) => self.expanded(other, depth + 1) + &self.expanded(one, depth + 1),
            (
                "filter-out" | "filter" | "sort" | "word" | "wordlist" | "words" | "patsubst" | "error" | "warning"
                | "abspath" | "realpath" | "notdir" | "basename" | "findstring" | "file",
                [.., last],
            ) => self.expanded(last, depth + 1),
            ("join", [one, other]) => self.expanded(one, depth + 1) + &self.expanded(other, depth + 1),
            (_, _) if !rest.is_empty() => HOLE.to_string(),
            (_, _) => {
                let (plain, ending) = name.split_once(':').unwrap_or((name, ""));
                let plain = plain.to_owned();
                let ways = self.variables.get(&plain).map_or(0, Vec::len);
                let way = self.choices.pick(ways);
                match self.variables.get(&plain).and_then(|values| values.get(way)).cloned() {
                    Some(value) => other_ending(self.expanded(&value, depth + 1), ending),
                    None if plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => format!("${{{plain}}}"),
                    None => HOLE.to_string(),
                }
            }
        }
    }

    /// `{{ if a == b { "x" } else { "y" } }}` of `just`.
    fn conditional(&mut self, text: &str, depth: usize) -> String {
        let ways: Vec<&str> = text.split('{').skip(1).map(|way| way.split('}').next().unwrap_or(way).trim()).collect();
        let way = self.choices.pick(ways.len());
        let way = ways.get(way).copied().unwrap_or_default();
        let quoted = ['"', '\''].iter().find_map(|quote| way.strip_prefix(*quote)?.strip_suffix(*quote));
        match quoted {
            Some(text) => self.expanded(text, depth + 1),
            None => self.value(way, depth + 1),
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

/// `$(NAME:a=b)`: words that end in `a` end in `b`.
fn other_ending(words: String, ending: &str) -> String {
    let Some((old, new)) = ending.split_once('=') else { return words };
    let (old, new) = (old.trim_start_matches('%'), new.trim_start_matches('%'));
    let turned = words.split(' ').map(|word| match word.strip_suffix(old) {
        Some(stem) if !word.is_empty() => format!("{stem}{new}"),
        Some(_) | None => word.to_owned(),
    });
    turned.collect::<Vec<_>>().join(" ")
}

/// The arguments of a function; commas in brackets are those of others.
fn separated(text: &str) -> Vec<&str> {
    let (mut args, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                args.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    args.push(text[from..].trim());
    args
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
            ("x:\n\t$(if 1,rm a,true)", "rm a;true"),
            ("G = rm a\nx:\n\t$(call G)", "rm a"),
            ("G = rm.z a\nx:\n\t$(G:.z=)", "rm a"),
            ("G = $(1) a\nx:\n\t$(call G,rm)", "rm a"),
            ("x: G = rm a\nx:\n\t$(filter-out z,$(G))", "rm a"),
            ("G = rm a\nH := $(G)\nG = true\nx:\n\t$(H)", "rm a;true"),
            (".RECIPEPREFIX = >\nx:\n>rm a", "rm a"),
            ("x:\n    {{ if a == b { \"rm a\" } else { \"true\" } }}", "rm a;true"),
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

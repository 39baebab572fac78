//! What stands for something else in a script: variables, substitutions, `$'…'`.

use std::{collections::HashMap, rc::Rc};

use super::words::{Shell, line_of};
use crate::guard::{
    read::escape,
    value::{HOLE, TEXT_MAX, cut},
};

/// `$( … )` in `$( … )`.
const SUBSTITUTION_DEPTH_MAX: usize = 6;

impl Shell {
    /// `$'…'`, with escapes.
    pub(super) fn ansi(&mut self, chars: &[char], at: usize) -> usize {
        let mut end = at;
        while let Some(&c) = chars.get(end) {
            match c {
                '\\' => end += 2,
                '\'' => break,
                _ => end += 1,
            }
        }
        let end = end.min(chars.len());
        let text: String = chars[at.min(end)..end].iter().collect();
        escape::python(&text).chars().for_each(|c| self.add(c));
        self.begun = true;
        end + 1
    }

    /// `$name`, `${name…}`, `$(…)`, `` `…` `` at `at`.
    pub(super) fn expansion(&mut self, chars: &[char], at: usize, depth: usize, line: usize, quoted: bool) -> usize {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        if chars[at] == '`' {
            let end = until(chars, at + 1, '`');
            let inner = self.substitution(chars, at + 1, end, depth, line);
            self.substituted(&inner);
            return end + 1;
        }
        match next {
            '(' => {
                let end = closing(chars, at + 2, '(', ')');
                let inner = self.substitution(chars, at + 2, end, depth, line);
                self.substituted(&inner);
                end + 1
            }
            '{' => {
                let end = closing(chars, at + 2, '{', '}');
                let name: String = chars[at + 2..end].iter().collect();
                self.variable(&name, quoted);
                end + 1
            }
            c if c.is_ascii_alphanumeric() || c == '_' => {
                let end =
                    at + 1 + chars[at + 1..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').count();
                let name: String = chars[at + 1..end].iter().collect();
                self.variable(&name, quoted);
                end
            }
            '@' | '*' | '?' | '#' | '$' | '!' => {
                self.add(HOLE);
                at + 2
            }
            _ => {
                self.add('$');
                at + 1
            }
        }
    }

    fn variable(&mut self, name: &str, quoted: bool) {
        let plain = name.split([':', '%', '#', '/', '^', ',', '[', '-']).next().unwrap_or_default();
        self.turned |= self.turning.contains(plain);
        self.current.turned |= self.turned;
        self.given |= !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        if plain == "IFS" && !quoted {
            self.end_word();
            return;
        }
        // Such paths begin at the root: `${PATH:0:1}` is a slash.
        if matches!(name, "PATH:0:1" | "HOME:0:1" | "PWD:0:1" | "SHELL:0:1" | "HOME::1" | "PATH::1" | "PWD::1") {
            self.add('/');
            return;
        }
        if name == "HOME" && !self.variables.contains_key(name) {
            self.add('~');
            return;
        }
        let separators = self.variables.get("IFS").cloned().unwrap_or_default();
        // An empty parameter is nothing at all: `c$@url`.
        let variables = Rc::clone(&self.variables);
        let cut_out = variables.get(plain).and_then(|value| edited(value, name.strip_prefix(plain)?));
        let value = cut_out
            .as_deref()
            .or_else(|| variables.get(plain).map(String::as_str))
            .or_else(|| default(name, plain, &variables));
        let cost = value.map_or(0, str::len);
        if cost > self.budget {
            self.lose();
            return self.add(HOLE);
        }
        self.budget -= cost;
        match value {
            // Unquoted, the value is split into words.
            Some(value) if !quoted => {
                for (at, part) in value.split(|c: char| c == ' ' || separators.contains(c)).enumerate() {
                    if at > 0 {
                        self.end_word();
                    }
                    part.chars().for_each(|c| self.add(c));
                }
            }
            Some(value) => value.chars().for_each(|c| self.add(c)),
            None => self.add(HOLE),
        }
    }

    /// What a substitution gives is unknown, but for the output of an `echo`.
    fn substituted(&mut self, programs: &[String]) {
        let echoed = match (programs, self.commands.last()) {
            ([one], Some(last)) if one.starts_with("echo ") || one.starts_with("printf ") => {
                Some(if one.starts_with("printf ") { formatted(last.args()) } else { last.args().join(" ") })
            }
            _ => None,
        };
        match echoed {
            Some(text) => text.trim_end().chars().for_each(|c| self.add(c)),
            None => {
                self.add(HOLE);
                self.current.feeds.extend(programs.iter().cloned());
            }
        }
    }

    /// Reads a substitution's commands, and gives the names of their programs.
    pub(super) fn substitution(
        &mut self,
        chars: &[char],
        from: usize,
        to: usize,
        depth: usize,
        line: usize,
    ) -> Vec<String> {
        let to = to.min(chars.len());
        if depth >= SUBSTITUTION_DEPTH_MAX || from >= to {
            return Vec::new();
        }
        let mut text: String = chars[from..to].iter().collect();
        cut(&mut text, TEXT_MAX);
        let variables = Rc::clone(&self.variables);
        let turning = Rc::clone(&self.turning);
        let mut inner = Self { variables, turning, budget: self.budget, ..Self::default() };
        inner.script(&text, line, depth + 1);
        (self.budget, self.lost) = (inner.budget, self.lost.or(inner.lost));
        let programs = inner.commands.iter().map(|command| line_of(&command.words)).collect();
        self.current.turned |= inner.commands.iter().any(|command| command.turned);
        self.commands.append(&mut inner.commands);
        programs
    }
}

/// `${name:1:2}` and `${name//old/new}`: what is made of a known value.
fn edited(value: &str, edit: &str) -> Option<String> {
    if let Some(places) = edit.strip_prefix(':').filter(|places| places.starts_with(|c: char| c.is_ascii_digit())) {
        let (from, length) = places.split_once(':').map_or((places, None), |(from, length)| (from, Some(length)));
        let rest = value.chars().skip(from.trim().parse().ok()?);
        return Some(match length {
            Some(length) => rest.take(length.trim().parse().ok()?).collect(),
            None => rest.collect(),
        });
    }
    let (old, new) =
        edit.strip_prefix('/')?.trim_start_matches('/').split_once('/').unwrap_or((edit.trim_start_matches('/'), ""));
    let plain = !old.is_empty() && !old.contains(['*', '?', '[', '$']);
    (plain && value.len() * (new.len() + 1) <= TEXT_MAX).then(|| value.replace(old, new))
}

/// `${name:-text}`: what stands for a name that the script gives no value, where that is plain.
fn default<'n>(name: &'n str, plain: &str, variables: &'n HashMap<String, String>) -> Option<&'n str> {
    let rest = name.strip_prefix(plain)?;
    let text = [":-", ":=", "-", "="].iter().find_map(|sign| rest.strip_prefix(sign))?;
    if let Some(other) = text.strip_prefix('$') {
        let other = other.trim_start_matches('{').trim_end_matches('}');
        return variables.get(other).map(String::as_str).or((other == "HOME").then_some("~"));
    }
    (!text.contains(['$', '`', '"', '\'', '\\'])).then_some(text)
}

/// What `printf` writes: its format, with escapes read and each `%s` filled.
fn formatted(args: &[String]) -> String {
    let mut args = args.iter().skip_while(|arg| arg.as_str() == "--");
    let Some(format) = args.next() else { return String::new() };
    let format = escape::python(format);
    let mut text = String::with_capacity(format.len());
    let mut rest = format.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        match after.chars().next() {
            Some('s' | 'b' | 'd' | 'c') => text.push_str(args.next().map_or("", String::as_str)),
            Some('%') => text.push('%'),
            Some(_) | None => text.push(HOLE),
        }
        let mut tail = after.chars();
        tail.next();
        rest = tail.as_str();
    }
    text.push_str(rest);
    cut(&mut text, TEXT_MAX);
    text
}

pub(super) fn until(chars: &[char], from: usize, end: char) -> usize {
    let from = from.min(chars.len());
    chars[from..].iter().position(|c| *c == end).map_or(chars.len(), |at| from + at)
}

/// Where the bracket that was opened before `from` is closed.
pub(super) fn closing(chars: &[char], from: usize, open: char, close: char) -> usize {
    let mut depth = 0_usize;
    for (at, c) in chars.iter().enumerate().skip(from) {
        match *c {
            c if c == open => depth += 1,
            c if c == close && depth == 0 => return at,
            c if c == close => depth -= 1,
            _ => {}
        }
    }
    chars.len()
}

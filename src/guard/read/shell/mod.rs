//! Commands of a shell, word by word, as a shell splits them.
//!
//! Quotes, escapes, `$IFS`, `{a,b}` and variables that were set to constants are read as a shell reads them, so that
//! `c\url`, `"cu""rl"`, `$'\x63url'` and `a=cu; ${a}rl` are all `curl`. What stays unknown is a hole. Nothing is expanded
//! that could grow.

mod command;
mod expansion;
mod words;

pub(in crate::guard) use self::command::Command;
use self::words::Shell;
use std::collections::HashSet;

use crate::guard::{fact::Fact, found::Found, rules};

/// Names of loaded files that are remembered.
const LOADED_MAX: usize = 64;
/// Bytes of the name of a function.
const NAME_BYTES_MAX: usize = 40;

/// Reads a script and tells of its commands.
pub(super) fn read(text: &str, first_line: usize, found: &mut Found<'_>) {
    if let Some(name) = bomb(text) {
        found.add(&rules::FORK, first_line, &format!("the function {name} calls itself twice, without an end"));
    }
    let mut shell = Shell::default();
    shell.script(text, 0, 0);
    if let Some(line) = shell.lost {
        found.add(&rules::UNREADABLE, first_line + line, "its pipes and variables are more than any script has");
    }
    let mut loaded: Vec<String> = Vec::new();
    let mut doubted: Vec<String> = Vec::new();
    let mut sealed: Vec<String> = Vec::new();
    let mut folder: Option<String> = None;
    let home = shell.commands.iter().any(goes_home);
    // What a function is given, where a loop calls it.
    let functions = functions(text);
    let called = shell.commands.iter().any(|command| command.turned && functions.contains(command.program()));
    for command in shell.commands {
        for name in command.loads() {
            if loaded.len() < LOADED_MAX && !loaded.contains(&name) {
                if !rules::commands::is_trusted(&command) {
                    doubted.push(name.clone());
                }
                loaded.push(name);
            }
        }
        if let Some(name) = doubted.iter().find(|name| command.makes_runnable(name)) {
            found.add(
                &rules::DOWNLOAD,
                first_line + command.line,
                &format!("`{name}`, just loaded, is made a program"),
            );
        }
        if let Some(name) = loaded.iter().find(|name| command.runs(name)) {
            found.add(&rules::DOWNLOAD, first_line + command.line, &format!("`{name}` was loaded just before"));
        }
        let one = !(command.each || command.given && called);
        let file = rules::commands::sealed(&command).filter(|_| !one && sealed.len() < LOADED_MAX);
        sealed.extend(file.map(str::to_owned));
        if sealed.iter().any(|file| rules::commands::clears(&command, file)) && (home || is_at_home(text)) {
            found.add(
                &rules::DESTROY,
                first_line + command.line,
                "it encrypts somebody's files, and removes what they were",
            );
        }
        let program = command.program();
        if program == "cd" {
            folder = command.args().first().cloned();
        }
        rules::commands::served(program, command.args(), folder.as_deref(), first_line + command.line, found);
        rules::judge(&Fact::Command(&command), first_line + command.line, found);
    }
}

/// Whether a script goes where people keep their files.
fn is_at_home(text: &str) -> bool {
    ["~/", "$HOME", "${HOME", "/home", "/Users", "/mnt", "/media"].iter().any(|place| text.contains(place))
}

/// Whether a command goes there by no more than its name: `cd`, `find ~`, `find /`.
fn goes_home(command: &Command) -> bool {
    let args = command.args();
    let place = |arg: &String| arg == "~" || arg.starts_with("~/");
    match command.program() {
        "cd" | "pushd" => args.iter().all(|arg| arg.starts_with('-')) || args.iter().any(place),
        "find" | "ls" | "fd" | "tree" | "grep" => args.iter().any(|arg| place(arg) || arg == "/"),
        _ => {
            args.iter().any(place)
                || command.words.first().is_some_and(|word| word == "for") && command.words.iter().any(place)
        }
    }
}

/// Names of the script's functions: before `()`, or behind `function`.
fn functions(text: &str) -> HashSet<&str> {
    let before = memchr::memmem::find_iter(text.as_bytes(), "()").filter_map(|at| {
        let name = text[..at].trim_end_matches(' ');
        let near = name.len().saturating_sub(NAME_BYTES_MAX);
        let start = name.bytes().skip(near).rposition(|byte| !is_named(byte)).map_or(near, |found| near + found + 1);
        name.get(start..)
    });
    let behind = memchr::memmem::find_iter(text.as_bytes(), "function ").filter_map(|at| {
        let name = &text[at + "function ".len()..];
        name.get(..name.bytes().take(NAME_BYTES_MAX).position(|byte| !is_named(byte))?)
    });
    before.chain(behind).collect()
}

const fn is_named(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The commands of a script, those of its substitutions included.
pub(in crate::guard) fn commands(text: &str) -> Vec<Command> {
    let mut shell = Shell::default();
    shell.script(text, 0, 0);
    shell.commands
}

/// A function whose body is itself, piped into itself, in the background.
fn bomb(text: &str) -> Option<String> {
    for (at, _) in text.match_indices("()") {
        let from = at.saturating_sub(NAME_BYTES_MAX);
        let from = (from..=at).find(|from| text.is_char_boundary(*from)).unwrap_or(at);
        let name = text[from..at].rsplit(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
        let body: String =
            text[at..].chars().take(200).take_while(|c| *c != '}').filter(|c| !c.is_whitespace()).collect();
        if !name.is_empty()
            && name.len() < NAME_BYTES_MAX
            && (body.contains(&format!("{name}|{name}&")) || body.contains(&format!("{name}&{name}&")))
        {
            return Some(name.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn words(text: &str) -> Vec<Vec<String>> {
        commands(text).into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        for text in [
            "curl -s x",
            "c\\url -s x",
            "\"cu\"'rl' -s x",
            "$'\\x63url' -s x",
            "{curl,-s,x}",
            "a=cu; ${a}rl -s x",
            "curl${IFS}-s$IFS\"x\"",
            "$(echo curl) -s x",
            "export B='curl -s'; $B x",
        ] {
            assert_eq!(words(text).last().unwrap(), &["curl", "-s", "x"], "{text}");
        }
    }

    #[test]
    fn pipes_and_substitutions_are_followed() {
        let piped = commands("curl -s http://x | tee log | bash -");
        assert_eq!(
            (piped[2].program(), piped[2].feeds.as_slice()),
            ("bash", &["curl -s http://x".to_owned(), "tee log".to_owned()][..])
        );
        let fed = commands("bash <(curl -s http://x)");
        assert_eq!(
            (fed[0].program(), fed[1].program(), fed[1].feeds.as_slice()),
            ("curl", "bash", &["curl -s http://x".to_owned()][..])
        );
        assert_eq!(commands("sudo -E env A=1 /usr/bin/rm -rf /")[0].program(), "rm");
        assert_eq!(bomb(":(){ :|:& };:").as_deref(), Some(":"));
        assert_eq!(bomb("main() {\n  run | tee x &\n}"), None);
    }

    #[test]
    fn half_scripts_end() {
        for text in ["'", "\"", "$(", "`", "${", "$'", "\\", "a |", "<(", "$'\\", "((((", "a &> b", "{a,"] {
            let _ = commands(text);
        }
        assert!(commands(&"$(".repeat(100_000)).len() < 10);
    }
}

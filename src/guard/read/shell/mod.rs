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
        sealed.extend(rules::commands::sealed(&command).filter(|_| sealed.len() < LOADED_MAX).map(str::to_owned));
        if sealed.iter().any(|file| rules::commands::clears(&command, file)) && is_at_home(text) {
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

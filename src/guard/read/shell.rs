//! Commands of a shell, word by word, as a shell splits them.
//!
//! Quotes, escapes, `$IFS`, `{a,b}` and variables that were set to constants are read as a shell reads them, so that
//! `c\url`, `"cu""rl"`, `$'\x63url'` and `a=cu; ${a}rl` are all `curl`. What stays unknown is a hole. Nothing is expanded
//! that could grow.

use std::collections::HashMap;

use super::escape;
use crate::guard::{
    fact::Fact,
    found::Found,
    rules,
    value::{HOLE, TEXT_MAX, cut},
};

/// Words kept of one command, and bytes kept of one word.
const WORDS_MAX: usize = 512;
const WORD_BYTES_MAX: usize = 8192;
/// Commands of one group that are looked at as what feeds another.
const GROUP_MAX: usize = 32;
/// Names of loaded files that are remembered.
const LOADED_MAX: usize = 64;
/// `$( … )` in `$( … )`.
const SUBSTITUTION_DEPTH_MAX: usize = 6;

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::guard) struct Command {
    pub words: Vec<String>,
    /// Commands to the left of it in its pipe, or in its substitutions.
    pub feeds: Vec<String>,
    /// Where its output or input is redirected to or from.
    pub redirects: Vec<String>,
    pub background: bool,
    /// Inside of a `while true`.
    pub endless: bool,
    pub line: usize,
}

impl Command {
    /// The program's name without its folder; what runs another program is skipped.
    pub fn program(&self) -> &str {
        let words = self.words.iter().map(|word| base(word));
        let mut skipped = words.skip_while(|word| {
            matches!(
                *word,
                "sudo"
                    | "nohup"
                    | "env"
                    | "exec"
                    | "command"
                    | "time"
                    | "nice"
                    | "setsid"
                    | "builtin"
                    | "doas"
                    | "then"
                    | "do"
                    | "xargs"
            ) || word.starts_with('-')
                || word.contains('=') && !word.contains(HOLE)
        });
        skipped.next().unwrap_or_default()
    }

    /// Words after the program.
    pub fn args(&self) -> &[String] {
        let program = self.program();
        let at = self.words.iter().position(|word| base(word) == program).unwrap_or(0);
        self.words.get(at + 1..).unwrap_or_default()
    }
}

impl Command {
    /// Names of the files that it loads from the network.
    fn loads(&self) -> Vec<String> {
        if !matches!(self.program(), "curl" | "wget" | "aria2c" | "http") {
            return Vec::new();
        }
        let named = self.words.iter().zip(self.words.iter().skip(1)).filter(|(option, _)| {
            matches!(
                option.as_str(),
                "-o" | "-O" | "--output" | "--output-document" | "-so" | "-sSo" | "-fsSLo" | "-Lo" | "-sLo" | "-qO"
            )
        });
        let from_address =
            self.words.iter().filter(|word| word.contains("://") || word.contains('/')).map(|word| base(word));
        let names =
            named.map(|(_, name)| base(name)).chain(from_address).chain(self.redirects.iter().map(|to| base(to)));
        names.filter(|name| name.len() > 1 && !name.starts_with('-')).map(str::to_owned).collect()
    }

    /// Whether it runs a file of that name.
    fn runs(&self, name: &str) -> bool {
        let program = self.words.first().map_or("", String::as_str);
        let direct = program.contains('/') && base(program) == name;
        let handed = rules::commands::is_interpreter(self.program())
            && self.args().iter().find(|arg| !arg.starts_with('-')).is_some_and(|arg| base(arg) == name);
        let sourced =
            matches!(self.program(), "source" | ".") && self.args().first().is_some_and(|arg| base(arg) == name);
        direct || handed || sourced
    }
}

fn base(word: &str) -> &str {
    word.rsplit(['/', '\\']).next().unwrap_or(word)
}

/// Reads a script and tells of its commands.
pub(super) fn read(text: &str, first_line: usize, found: &mut Found<'_>) {
    if let Some(name) = bomb(text) {
        found.add(&rules::FORK, first_line, &format!("the function {name} calls itself twice, without an end"));
    }
    let mut loaded: Vec<String> = Vec::new();
    for command in commands(text) {
        for name in command.loads() {
            if loaded.len() < LOADED_MAX && !loaded.contains(&name) {
                loaded.push(name);
            }
        }
        if let Some(name) = loaded.iter().find(|name| command.runs(name)) {
            found.add(&rules::DOWNLOAD, first_line + command.line, &format!("`{name}` was loaded just before"));
        }
        rules::judge(&Fact::Command(&command), first_line + command.line, found);
    }
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
        let name = text[..at].rsplit(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
        let body: String =
            text[at..].chars().take(200).take_while(|c| *c != '}').filter(|c| !c.is_whitespace()).collect();
        if !name.is_empty()
            && name.len() < 40
            && (body.contains(&format!("{name}|{name}&")) || body.contains(&format!("{name}&{name}&")))
        {
            return Some(name.to_owned());
        }
    }
    None
}

#[derive(Default)]
struct Shell {
    commands: Vec<Command>,
    variables: HashMap<String, String>,
    feeds: Vec<String>,
    current: Command,
    word: String,
    /// Something was written for the word, if only quotes.
    begun: bool,
    redirect: bool,
    endless: usize,
    /// Where the groups that are open begin, among the commands.
    groups: Vec<usize>,
    /// The commands of the group that was just closed.
    closed: Vec<String>,
}

impl Shell {
    fn script(&mut self, text: &str, line: usize, depth: usize) {
        let chars: Vec<char> = text.chars().collect();
        let (mut at, mut line) = (0, line);
        self.current.line = line;
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '\n' => {
                    self.end_command(false, false);
                    line += 1;
                    self.current.line = line;
                }
                '#' if !self.begun => at = until(&chars, at, '\n'),
                ' ' | '\t' | '\r' => self.end_word(),
                '\'' => at = self.single(&chars, at, &mut line),
                '"' => at = self.double(&chars, at, depth, &mut line),
                '\\' => at = self.escaped(&chars, at, &mut line),
                '$' if chars.get(at) == Some(&'\'') => at = self.ansi(&chars, at + 1),
                '$' | '`' => at = self.expansion(&chars, at - 1, depth, line, false),
                '(' => {
                    self.end_command(false, false);
                    self.groups.push(self.commands.len());
                }
                ')' => {
                    self.end_command(false, false);
                    // What a group writes feeds whatever it is piped into.
                    let from = self.groups.pop().unwrap_or(self.commands.len()).min(self.commands.len());
                    let last = self.commands.len().saturating_sub(GROUP_MAX).max(from);
                    self.closed = self.commands[last..].iter().map(|command| line_of(&command.words)).collect();
                }
                ';' => self.end_command(false, false),
                '|' if chars.get(at) == Some(&'|') => {
                    at += 1;
                    self.end_command(false, false);
                }
                '|' => {
                    at += usize::from(chars.get(at) == Some(&'&'));
                    self.end_command(true, false);
                }
                '&' if chars.get(at) == Some(&'&') => {
                    at += 1;
                    self.end_command(false, false);
                }
                '&' if chars.get(at) == Some(&'>') => {}
                '&' if self.redirect => self.add('&'),
                '&' => self.end_command(false, true),
                '>' | '<' => {
                    // `2>` is no word of its own.
                    if self.word.chars().all(|c| c.is_ascii_digit()) {
                        self.word.clear();
                        self.begun = false;
                    }
                    self.end_word();
                    // `<(…)`: what is inside feeds the command.
                    if chars.get(at) == Some(&'(') {
                        let end = closing(&chars, at + 1, '(', ')');
                        let inner = self.substitution(&chars, at + 1, end, depth, line);
                        self.feeds.extend(inner);
                        at = (end + 1).min(chars.len());
                        self.current.words.push("/dev/fd/63".to_owned());
                        continue;
                    }
                    while matches!(chars.get(at), Some('>' | '<' | '|')) {
                        at += 1;
                    }
                    self.redirect = true;
                }
                c => self.add(c),
            }
        }
        self.end_command(false, false);
    }

    fn add(&mut self, c: char) {
        self.begun = true;
        if self.word.len() < WORD_BYTES_MAX {
            self.word.push(c);
        }
    }

    fn single(&mut self, chars: &[char], mut at: usize, line: &mut usize) -> usize {
        self.begun = true;
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '\'' => break,
                '\n' => {
                    *line += 1;
                    self.add(c);
                }
                c => self.add(c),
            }
        }
        at
    }

    fn double(&mut self, chars: &[char], mut at: usize, depth: usize, line: &mut usize) -> usize {
        self.begun = true;
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '"' => break,
                '\\' => at = self.escaped(chars, at, line),
                '$' | '`' => at = self.expansion(chars, at - 1, depth, *line, true),
                '\n' => {
                    *line += 1;
                    self.add(c);
                }
                c => self.add(c),
            }
        }
        at
    }

    fn escaped(&mut self, chars: &[char], at: usize, line: &mut usize) -> usize {
        match chars.get(at) {
            Some('\n') => *line += 1,
            Some(&c) => self.add(c),
            None => {}
        }
        at + 1
    }

    /// `$'…'`, with escapes.
    fn ansi(&mut self, chars: &[char], at: usize) -> usize {
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
    fn expansion(&mut self, chars: &[char], at: usize, depth: usize, line: usize, quoted: bool) -> usize {
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
        if plain == "IFS" && !quoted {
            self.end_word();
            return;
        }
        // An empty parameter is nothing at all: `c$@url`.
        match self.variables.get(plain).cloned() {
            // Unquoted, the value is split into words.
            Some(value) if !quoted => {
                for (at, part) in value.split(' ').enumerate() {
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
                Some(last.args().join(" "))
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
    fn substitution(&mut self, chars: &[char], from: usize, to: usize, depth: usize, line: usize) -> Vec<String> {
        let to = to.min(chars.len());
        if depth >= SUBSTITUTION_DEPTH_MAX || from >= to {
            return Vec::new();
        }
        let mut text: String = chars[from..to].iter().collect();
        cut(&mut text, TEXT_MAX);
        let mut inner = Self { variables: self.variables.clone(), ..Self::default() };
        inner.script(&text, line, depth + 1);
        let programs = inner.commands.iter().map(|command| line_of(&command.words)).collect();
        self.commands.append(&mut inner.commands);
        programs
    }

    fn end_word(&mut self) {
        if !self.begun {
            return;
        }
        self.begun = false;
        let word = std::mem::take(&mut self.word);
        if self.redirect {
            self.redirect = false;
            self.current.redirects.push(word);
            return;
        }
        if self.current.words.is_empty() && self.keyword(&word) {
            return;
        }
        if let Some((name, value)) = assignment(&word)
            && self
                .current
                .words
                .iter()
                .all(|word| matches!(word.as_str(), "export" | "local" | "declare" | "readonly" | "set"))
        {
            self.variables.insert(name.to_owned(), value.to_owned());
            return;
        }
        if self.current.words.len() < WORDS_MAX {
            match braces(&word) {
                Some(words) => self.current.words.extend(words),
                None => self.current.words.push(word),
            }
        }
    }

    /// Words that begin a statement rather than a command.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "while" | "until" => self.endless += 1,
            "done" => self.endless = self.endless.saturating_sub(1),
            "if" | "then" | "else" | "elif" | "fi" | "do" | "{" | "}" | "!" | "esac" => {}
            _ => return false,
        }
        true
    }

    fn end_command(&mut self, piped: bool, background: bool) {
        self.end_word();
        self.redirect = false;
        let line = self.current.line;
        let mut command = std::mem::take(&mut self.current);
        self.current.line = line;
        let program = command.program().to_owned();
        let command_words = command.words.clone();
        let condition = matches!(program.as_str(), "true" | ":" | "1" | "[") && command.words.len() <= 4;
        if !command.words.is_empty() || !command.redirects.is_empty() {
            self.closed.clear();
            command.feeds.extend(self.feeds.iter().cloned());
            command.background = background;
            command.endless = self.endless > 0 && !condition;
            self.commands.push(command);
        }
        if piped && command_words.is_empty() {
            self.feeds.append(&mut self.closed);
        } else if piped {
            self.feeds.push(line_of(&command_words));
        } else {
            self.feeds.clear();
        }
    }
}

/// A command as one line, as long as it helps to know it.
fn line_of(words: &[String]) -> String {
    let mut line = words.join(" ");
    cut(&mut line, 1024);
    line
}

fn until(chars: &[char], from: usize, end: char) -> usize {
    let from = from.min(chars.len());
    chars[from..].iter().position(|c| *c == end).map_or(chars.len(), |at| from + at)
}

/// Where the bracket that was opened before `from` is closed.
fn closing(chars: &[char], from: usize, open: char, close: char) -> usize {
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

fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let named = !name.is_empty()
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named.then_some((name, value))
}

/// `{curl,-s,http://x}`: a command without blanks.
fn braces(word: &str) -> Option<Vec<String>> {
    let inner = word.strip_prefix('{')?.strip_suffix('}')?;
    inner.contains(',').then(|| inner.split(',').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
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

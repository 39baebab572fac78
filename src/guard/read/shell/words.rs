//! Words and commands of a script, as a shell splits them.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    command::Command,
    expansion::{closing, until},
};
use crate::guard::value::{HOLE, cut};

/// Words kept of one command, and bytes kept of one word.
const WORDS_MAX: usize = 512;
const WORD_BYTES_MAX: usize = 8192;
/// Bytes of a text that a script hands to another program.
const HERE_BYTES_MAX: usize = 256 * 1024;
/// Commands of one group that are looked at as what feeds another.
const GROUP_MAX: usize = 32;
/// Commands that feed one command, and variables that are remembered.
const FEEDS_MAX: usize = 64;
const VARIABLES_MAX: usize = 256;
/// Bytes that variables may be replaced by, for each byte of the script, and at least.
const EXPANDED_PER_BYTE: usize = 8;
const EXPANDED_MIN: usize = 64 * 1024;

/// Variables that other programs obey.
const OBEYED: [&str; 14] = [
    "NODE_OPTIONS",
    "PERL5OPT",
    "RUBYOPT",
    "PYTHONSTARTUP",
    "LUA_INIT",
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "HISTFILE",
    "HISTSIZE",
    "HISTFILESIZE",
    "PROMPT_COMMAND",
    "BASH_ENV",
    "GIT_SSH_COMMAND",
];

/// What stands behind `<<` or `<<<`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Tag,
    Text,
}

/// A script that is being split, and what is known of its variables.
#[derive(Default)]
pub(super) struct Shell {
    pub commands: Vec<Command>,
    pub variables: Rc<HashMap<String, String>>,
    pub feeds: Vec<String>,
    pub current: Command,
    pub word: String,
    /// Something was written for the word, if only quotes.
    pub begun: bool,
    pub redirect: bool,
    /// The next word is a tag, or a text, that the command reads.
    pub input: Option<Input>,
    /// The tag that ends the text which begins with the next line.
    pub tag: Option<String>,
    pub endless: usize,
    /// The word names what a loop goes through, or what a function is given.
    pub turned: bool,
    pub given: bool,
    /// Names of what loops go through.
    pub turning: Rc<HashSet<String>>,
    /// Where the groups that are open begin, among the commands.
    pub groups: Vec<usize>,
    /// The commands of the group that was just closed.
    pub closed: Vec<String>,
    /// Bytes that variables may still be replaced by.
    pub budget: usize,
    /// It does more than is followed, from this line on.
    pub lost: Option<usize>,
}

impl Shell {
    pub fn script(&mut self, text: &str, line: usize, depth: usize) {
        let chars: Vec<char> = text.chars().collect();
        if depth == 0 {
            self.budget = EXPANDED_MIN + text.len() * EXPANDED_PER_BYTE;
        }
        let (mut at, mut line) = (0, line);
        self.current.line = line;
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '\n' => {
                    self.end_command(false, false);
                    line += 1;
                    self.current.line = line;
                    if let Some(tag) = self.tag.take() {
                        at = self.here(&chars, at, &tag, &mut line);
                    }
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
                '>' | '<' => at = self.redirection(&chars, at, depth, line),
                c => self.add(c),
            }
        }
        self.end_command(false, false);
    }

    /// Behind a `>` or `<`: where the next word begins.
    fn redirection(&mut self, chars: &[char], mut at: usize, depth: usize, line: usize) -> usize {
        // `2>` is no word of its own.
        if self.word.chars().all(|c| c.is_ascii_digit()) {
            self.word.clear();
            self.begun = false;
        }
        self.end_word();
        // `<(…)`: what is inside feeds the command.
        if chars.get(at) == Some(&'(') {
            let end = closing(chars, at + 1, '(', ')');
            let inner = self.substitution(chars, at + 1, end, depth, line);
            if self.feeds.len() + inner.len() <= FEEDS_MAX {
                self.feeds.extend(inner);
            } else {
                self.lose();
            }
            self.current.words.push("/dev/fd/63".to_owned());
            return (end + 1).min(chars.len());
        }
        let from = at;
        while matches!(chars.get(at), Some('>' | '<' | '|')) {
            at += 1;
        }
        self.input = match chars.get(from - 1..at) {
            Some(['<', '<', '<']) => Some(Input::Text),
            Some(['<', '<']) => Some(Input::Tag),
            _ => None,
        };
        if self.input == Some(Input::Tag) && chars.get(at) == Some(&'-') {
            at += 1;
        }
        self.redirect = true;
        at
    }

    /// A text in the script, up to its tag. Where the program is of another language, the shell has no part in it; else
    /// its lines are read as commands, which a script that is written is.
    fn here(&mut self, chars: &[char], from: usize, tag: &str, line: &mut usize) -> usize {
        let Some(command) = self.commands.last_mut() else { return from };
        let program = command.program();
        let other = program.starts_with("python") || matches!(program, "node" | "bun" | "deno");
        if !other {
            return from;
        }
        let (mut at, mut text) = (from, String::new());
        while at < chars.len() {
            let end = until(chars, at, '\n');
            let row: String = chars[at..end].iter().collect();
            at = (end + 1).min(chars.len());
            *line += 1;
            if row.trim_start_matches('\t') == tag || end == chars.len() {
                break;
            }
            text.push_str(&row);
            text.push('\n');
        }
        cut(&mut text, HERE_BYTES_MAX);
        command.inputs.push(text);
        self.current.line = *line;
        at
    }

    pub(super) fn add(&mut self, c: char) {
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

    pub(super) fn end_word(&mut self) {
        if !self.begun {
            return;
        }
        self.begun = false;
        let word = std::mem::take(&mut self.word);
        let whole = word.chars().all(|c| c == HOLE);
        self.current.each |= std::mem::take(&mut self.turned) && whole;
        self.current.given |= std::mem::take(&mut self.given) && whole;
        if self.redirect {
            self.redirect = false;
            match self.input.take() {
                Some(Input::Tag) => self.tag = Some(word),
                Some(Input::Text) => self.current.inputs.push(word),
                None => self.current.redirects.push(word),
            }
            return;
        }
        if self.current.words.is_empty() && self.keyword(&word) {
            return;
        }
        if let Some((name, _)) = assignment(&word)
            && self.current.turned
        {
            self.turn(name);
        }
        if let Some((name, value)) = assignment(&word)
            && self
                .current
                .words
                .iter()
                .all(|word| matches!(word.as_str(), "export" | "local" | "declare" | "readonly" | "set"))
        {
            if OBEYED.contains(&name) {
                self.current.sets.push(word.clone());
            }
            if self.variables.len() < VARIABLES_MAX || self.variables.contains_key(name) {
                Rc::make_mut(&mut self.variables).insert(name.to_owned(), value.to_owned());
            } else {
                self.lose();
            }
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

    /// Notes the name of what a loop goes through: after it, in all of the script.
    fn turn(&mut self, name: &str) {
        if self.turning.len() < VARIABLES_MAX {
            Rc::make_mut(&mut self.turning).insert(name.to_owned());
        } else {
            self.lose();
        }
    }

    /// `for name in …`, `read -r name`: a loop, or what begins one.
    fn turns(&mut self, words: &[String]) {
        match words {
            [first, name, ..] if first == "for" || first == "select" => self.turn(name),
            [first, rest @ ..] if first == "read" || first == "mapfile" || first == "readarray" => {
                rest.iter().filter(|word| !word.starts_with('-')).for_each(|name| self.turn(name));
            }
            _ => {}
        }
    }

    /// Notes that from here on not all is known.
    pub(super) fn lose(&mut self) {
        self.lost = self.lost.or(Some(self.current.line));
    }

    fn end_command(&mut self, piped: bool, background: bool) {
        self.end_word();
        self.redirect = false;
        let line = self.current.line;
        let mut command = std::mem::take(&mut self.current);
        self.current.line = line;
        let program = command.program().to_owned();
        let command_words = command.words.clone();
        self.turns(&command_words);
        let condition = matches!(program.as_str(), "true" | ":" | "1" | "[") && command.words.len() <= 4;
        if !command.words.is_empty() || !command.redirects.is_empty() || !command.sets.is_empty() {
            self.closed.clear();
            command.feeds.extend(self.feeds.iter().cloned());
            command.background = background;
            command.endless = self.endless > 0 && !condition;
            self.commands.push(command);
        }
        if piped && self.feeds.len() >= FEEDS_MAX {
            self.lose();
        } else if piped && command_words.is_empty() {
            self.feeds.append(&mut self.closed);
        } else if piped {
            self.feeds.push(line_of(&command_words));
        } else {
            self.feeds.clear();
        }
    }
}

/// A command as one line, as long as it helps to know it.
pub(super) fn line_of(words: &[String]) -> String {
    let mut line = words.join(" ");
    cut(&mut line, 1024);
    line
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

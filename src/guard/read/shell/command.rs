//! One simple command: what it runs, loads and is fed.

use crate::guard::{rules, value::HOLE};

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
    /// It names what a loop goes through; one of its words is that, or what its function is given, and nothing else.
    pub turned: bool,
    pub each: bool,
    pub given: bool,
    /// Variables set in front of it, or by it, that other programs obey.
    pub sets: Vec<String>,
    /// Texts that it reads: of `<<TAG` where a program of another language reads it, and of `<<<`.
    pub inputs: Vec<String>,
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

    /// The program as it is called, with its folder.
    pub fn path(&self) -> &str {
        let program = self.program();
        self.words.iter().find(|word| base(word) == program).map_or("", String::as_str)
    }

    /// Words after the program.
    pub fn args(&self) -> &[String] {
        let program = self.program();
        let at = self.words.iter().position(|word| base(word) == program).unwrap_or(0);
        self.words.get(at + 1..).unwrap_or_default()
    }

    /// Names of the files that it loads from the network.
    pub(super) fn loads(&self) -> Vec<String> {
        let decodes = match self.program() {
            "printf" | "echo" => self.words.iter().any(|word| word.contains("\\x") || word.contains("\\1")),
            "base64" | "base32" => {
                self.words.iter().any(|word| matches!(word.as_str(), "-d" | "-D" | "--decode" | "-di"))
            }
            "xxd" => self.words.iter().any(|word| word.contains('r')),
            "openssl" | "gpg" => self.words.iter().any(|word| word == "-d"),
            _ => false,
        };
        if decodes {
            return self.redirects.iter().map(|to| base(to).to_owned()).filter(|name| !name.is_empty()).collect();
        }
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

    /// Whether it makes a program of a file of that name.
    pub(super) fn makes_runnable(&self, name: &str) -> bool {
        let runnable = |mode: &String| {
            mode.starts_with('+') && mode.contains('x')
                || mode.contains("+x")
                || mode.len() >= 3 && mode.starts_with(['0', '7']) && mode.chars().all(|c| c.is_ascii_digit())
        };
        matches!(self.program(), "chmod" | "install")
            && self.args().iter().any(runnable)
            && self.args().iter().any(|arg| base(arg) == name)
    }

    /// Whether it runs a file of that name.
    pub(super) fn runs(&self, name: &str) -> bool {
        let program = self.path();
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

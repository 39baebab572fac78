//! Readers: a file becomes facts.
//!
//! ```text
//!   path, first line ─► Language ─┬─ JavaScript, TypeScript, TSX, Python ─► syntax ─► walk ───────┐
//!                                 ├─ HTML ─► tags; scripts and handlers are read as JavaScript ───┤
//!                                 ├─ CSS, shell ─► tokens ─────────────────────────────────────────┼─► facts ─► rules
//!                                 ├─ Makefile ─► recipes, as shell ────────────────────────────────┤
//!                                 ├─ package.json, requirements, Dockerfile, Procfile ─► data ─────┤
//!                                 └─ anything ─► lexical: hidden characters, keys, well-known words┘
//! ```
//! `syntax` makes trees of the languages that need one. HTML, CSS and shell are read as their own programs
//! read them, token by token: browsers and shells forgive what a grammar rejects, and so do fragments of them
//! (`os.system("…")`, `onclick="…"`, `"postinstall": "…"`), which are most of what is read here. JSON is data.
//!
//! Nothing is passed for being unreadable. Where a parser finds errors, the words of the text are read instead
//! (`lexical`); what is too deep or too costly to be read is blocked. Budgets are counted in steps, never in seconds, so
//! that a verdict depends on the artifact alone.

mod applied;
mod call;
mod choices;
mod css;
pub(super) mod doubt;
mod escape;
mod given;
mod growth;
mod handed;
pub(super) mod html;
mod imports;
mod late;
pub(super) mod lexical;
mod make;
mod manifest;
mod recipes;
mod redirect;
mod reduce;
pub(super) mod shell;
mod sources;
mod walk;

use super::{
    fact::Fact,
    found::Found,
    rules,
    syntax::{
        self, Dialect,
        grammar::{Grammars, Refused},
    },
};

/// Text in text in text: a script in a page in a string in a script.
pub(super) const NESTING_MAX: usize = 4;
/// Texts of one file that are read as files of their own.
pub(super) const NESTED_MAX: usize = 2_000;

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Language {
    JavaScript,
    TypeScript,
    Tsx,
    Python,
    Html,
    Css,
    Shell,
    PackageJson,
    Requirements,
    Makefile,
    Dockerfile,
    Procfile,
    Notebook,
    /// Documents and data: no code.
    Text,
}

impl Language {
    /// By the file's name, or its first line where the name says nothing.
    pub fn of(path: &str, text: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.as_str() {
            "package.json" => return Self::PackageJson,
            "procfile" => return Self::Procfile,
            "makefile" | "gnumakefile" | "justfile" | ".justfile" => return Self::Makefile,
            ".bashrc" | ".profile" | ".bash_profile" | ".zshrc" | "crontab" => {
                return Self::Shell;
            }
            "pipfile" | "constraints.txt" => return Self::Requirements,
            name if name == "dockerfile"
                || name == "containerfile"
                || name.starts_with("dockerfile.")
                || name.ends_with(".dockerfile") =>
            {
                return Self::Dockerfile;
            }
            name if name.contains("requirements") && (name.ends_with(".txt") || name.ends_with(".in")) => {
                return Self::Requirements;
            }
            _ => {}
        }
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("js" | "mjs" | "cjs" | "jsx") => Self::JavaScript,
            Some("ts" | "mts" | "cts") => Self::TypeScript,
            Some("tsx") => Self::Tsx,
            Some("py" | "pyw" | "pyi" | "pyx") => Self::Python,
            Some(
                "html" | "htm" | "xhtml" | "svg" | "vue" | "svelte" | "ejs" | "hbs" | "jinja" | "j2" | "njk" | "php",
            ) => Self::Html,
            Some("css" | "scss" | "less") => Self::Css,
            Some("sh" | "bash" | "zsh" | "ksh" | "command" | "bat" | "cmd" | "ps1") => Self::Shell,
            Some("mk" | "just") => Self::Makefile,
            Some("ipynb") => Self::Notebook,
            _ => Self::by_first_line(text),
        }
    }

    fn by_first_line(text: &str) -> Self {
        let Some(line) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else { return Self::Text };
        if line.contains("python") {
            Self::Python
        } else if line.contains("node") || line.contains("deno") || line.contains("bun") {
            Self::JavaScript
        } else {
            Self::Shell
        }
    }

    const fn dialect(self) -> Option<Dialect> {
        match self {
            Self::JavaScript => Some(Dialect::JavaScript),
            Self::TypeScript => Some(Dialect::TypeScript),
            Self::Tsx => Some(Dialect::Tsx),
            Self::Python => Some(Dialect::Python),
            Self::Html
            | Self::Css
            | Self::Shell
            | Self::Makefile
            | Self::PackageJson
            | Self::Requirements
            | Self::Dockerfile
            | Self::Procfile
            | Self::Notebook
            | Self::Text => None,
        }
    }

    /// Whether it runs, or tells what runs.
    pub const fn is_code(self) -> bool {
        !matches!(self, Self::Text | Self::Css)
    }
}

/// What reading needs, made once for all files of an inspection.
#[derive(Default)]
pub(super) struct Readers {
    grammars: Grammars,
}

impl Readers {
    /// Reads `text` and all that is found to be nested in it. `line` is counted from 0 and added to each finding's.
    pub fn read(&mut self, language: Language, text: &str, found: &mut Found<'_>) {
        self.read_one(language, text, 0, found);
        let mut depth = 0;
        let mut read = 0;
        // Breadth first: what is nested in a text is found while that is read.
        while depth < NESTING_MAX {
            let nested = found.take_nested();
            if nested.is_empty() {
                return;
            }
            for inner in nested {
                read += 1;
                if read > NESTED_MAX {
                    found.add(&rules::NOT_PARSED, inner.line, "more texts are nested in it than are read");
                    return;
                }
                found.show(inner.shown);
                self.read_one(inner.language, &inner.text, inner.line, found);
                found.show(false);
            }
            depth += 1;
        }
        if found.has_nested() {
            found.add(&rules::NOT_PARSED, 0, "code is nested in code deeper than is read");
        }
    }

    fn read_one(&mut self, language: Language, text: &str, line: usize, found: &mut Found<'_>) {
        match language {
            Language::JavaScript | Language::TypeScript | Language::Tsx | Language::Python => {
                self.read_code(language, text, line, found);
            }
            Language::Html => html::read(text, line, found),
            Language::Css => css::read(text, line, found),
            Language::Shell => shell::read(text, line, found),
            Language::Makefile => make::read(text, line, found),
            Language::PackageJson => manifest::package_json(text, found),
            Language::Requirements => manifest::requirements(text, found),
            Language::Dockerfile => manifest::dockerfile(text, found),
            Language::Procfile => manifest::procfile(text, found),
            Language::Notebook => manifest::notebook(text, found),
            Language::Text => manifest::settings(text, found),
        }
    }

    fn read_code(&mut self, language: Language, text: &str, line: usize, found: &mut Found<'_>) {
        let Some(dialect) = language.dialect() else { return };
        found.ending.doubts.script();
        // A page can be silent; a program has a network at hand.
        found.app.speaks |= dialect.is_python();
        let (tree, broken) = match syntax::read(&mut self.grammars, dialect, text) {
            Ok(read) => read,
            // Whoever wants to be overlooked must not get it by being hard to read.
            Err(refused) => {
                let why = match refused {
                    Refused::Deep => "it nests deeper than any program does",
                    Refused::Long => "reading it takes more steps than any program does",
                };
                found.add(&rules::UNREADABLE, line, why);
                return lexical::words(text, line, found);
            }
        };
        let mut tell = |fact: Fact<'_>, at: usize| rules::judge(&fact, line + at, found);
        walk::walk(&tree, text, dialect.is_python(), &mut tell);
        for part in broken {
            lexical::words(text.get(part.start..part.end).unwrap_or_default(), line + part.line, found);
        }
    }
}

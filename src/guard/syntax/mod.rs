//! Syntax: the text of a program becomes a tree.
//!
//! ```text
//!             ┌─ script   JavaScript, TypeScript, JSX ─┐
//!   dialect ──┤                                        ├─ read ─► tree
//!             └─ python ───────────────────────────────┘            ▲
//!                  │ Unread                                         │
//!                  └──────────────────► grammar (tree-sitter) ──────┘ and where it is broken
//! ```
//! Two readers of one language, since each does what the other cannot: the parsers by hand read programs as people
//! and engines write them, fast enough to keep nobody waiting; the grammar makes something of anything, however broken it
//! is, with a bound on nesting and steps. A parser never guesses. What it does not know for sure, it leaves to the grammar, so
//! an odd construct costs time and hides nothing. A test has both read the same programs to the same tree.

#[cfg(any(fuzzing, test))]
mod compare;
pub(super) mod grammar;
pub(super) mod kinds;
mod parser;
mod python;
mod script;
#[cfg(test)]
mod tests;
pub(super) mod tree;
mod vocabulary;

#[cfg(any(fuzzing, test))]
pub(super) use self::compare::compare;
use self::{
    grammar::{Broken, Grammars, Refused},
    script::Extras,
    tree::Tree,
};

/// What a parser by hand says of a text that it does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unread;

/// A language that has a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Dialect {
    JavaScript,
    TypeScript,
    Tsx,
    Python,
}

impl Dialect {
    pub const fn is_python(self) -> bool {
        match self {
            Self::Python => true,
            Self::JavaScript | Self::TypeScript | Self::Tsx => false,
        }
    }
}

/// The tree of a text, and where it is broken.
///
/// # Errors
/// When neither reader is through with the steps that it is allowed.
pub(super) fn read(grammars: &mut Grammars, dialect: Dialect, text: &str) -> Result<(Tree, Vec<Broken>), Refused> {
    match by_hand(dialect, text) {
        Ok(tree) => Ok((tree, Vec::new())),
        Err(Unread) => grammars.read(dialect, text),
    }
}

fn by_hand(dialect: Dialect, text: &str) -> Result<Tree, Unread> {
    match dialect {
        Dialect::JavaScript => script::parse(text, Extras { types: false, markup: true }),
        Dialect::TypeScript => script::parse(text, Extras { types: true, markup: false }),
        Dialect::Tsx => script::parse(text, Extras { types: true, markup: true }),
        Dialect::Python => python::parse(text),
    }
}

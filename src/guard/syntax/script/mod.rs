//! JavaScript, TypeScript and JSX, read in one pass.
//!
//! ```text
//!   lexer ─► parser ─┬─ statement ─┬─ function   functions and classes
//!                    │             └─ module     imports and exports
//!                    ├─ expression ─► postfix ─► primary ─► object
//!                    ├─ pattern    what was an expression becomes what is assigned to
//!                    ├─ types      read and left out; `typed` has what they stand in
//!                    └─ markup     JSX
//! ```
//! A parser by hand, since the grammar's tables take ten times as long, and each session waits for it. It builds the same
//! tree as the grammar does (a test holds it to that), reads all that engines accept and more, and gives up at the
//! first thing that it does not know, on nesting that would cost stack, and where it would have to try too often:
//! then the grammar reads the file.

mod expression;
mod function;
mod lexer;
mod markup;
mod module;
mod object;
mod pattern;
mod postfix;
mod primary;
mod statement;
mod typed;
mod types;

use self::lexer::{Lexed, Lexer, Sign, Token, Word};
use super::{
    Unread,
    kinds::{Field, Kind},
    parser::{self, Parsed, place},
    tree::{Children, Id, Tree},
};

/// What else than JavaScript may stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    pub types: bool,
    pub markup: bool,
}

/// Reads a whole file.
pub(super) fn parse(source: &str, extras: Extras) -> Result<Tree, Unread> {
    let mode = Mode { types: extras.types, markup: extras.markup, no_in: false, consequence: false };
    let mut parser = Parser::new(Lexer::new(source), mode, source.len())?;
    let mut body = Children::new();
    while parser.token.token != Token::End {
        let statement = parser.statement()?;
        parser.hang(&mut body, statement, Field::None);
    }
    Ok(parser.finish(body, source.len()))
}

type Parser<'s> = parser::Parser<Lexer<'s>, Mode>;

/// What may stand in the file, and what surrounds the place that is read.
#[derive(Clone, Copy, Debug)]
struct Mode {
    types: bool,
    markup: bool,
    /// In the head of a `for`, where `in` is no operator.
    no_in: bool,
    /// Between the `?` and the `:` of a condition, where a `:` gives no type.
    consequence: bool,
}

impl Parser<'_> {
    fn is_name(&self) -> bool {
        matches!(self.token.token, Token::Name | Token::Word(_))
    }

    /// With other surroundings, which are put back.
    fn within<T>(&mut self, no_in: bool, consequence: bool, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let old = self.mode;
        self.mode = Mode { no_in, consequence, ..old };
        let result = read(self);
        self.mode = old;
        result
    }
}

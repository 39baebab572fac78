//! Python, read in one pass, for the same reasons and by the same rules as `script`.
//!
//! ```text
//!   lexer, with indentation ─► statement ─┬─ block        compound statements
//!                                         └─ expression ─► primary ─┬─ pattern   targets of assignments
//!                                                                   └─ text      values in texts
//! ```
//! Python 2 and whatever else is not read here is left to the grammar.

mod block;
mod expression;
mod lexer;
mod pattern;
mod primary;
mod statement;
mod text;

use self::lexer::{Lexed, Lexer, Sign, Token, Word};
use super::{
    Unread,
    kinds::{Field, Kind},
    parser::{self, Parsed, place},
    tree::{Children, Id, Tree},
};

/// Reads a whole file.
pub(super) fn parse(source: &str) -> Result<Tree, Unread> {
    let mut parser = Parser::new(Lexer::new(source), (), source.len())?;
    let mut body = Children::new();
    while parser.token.token != Token::End {
        parser.statement(&mut body)?;
    }
    Ok(parser.finish(body, source.len()))
}

type Parser<'s> = parser::Parser<Lexer<'s>, ()>;

impl Parser<'_> {
    /// A name, or one of the words that are names where they mean nothing else.
    fn is_name(&self) -> bool {
        matches!(self.token.token, Token::Name | Token::Word(Word::Match | Word::Case | Word::Type))
    }

    fn name(&mut self) -> Parsed {
        if self.is_name() { self.leaf(Kind::Ident) } else { Err(Unread) }
    }
}

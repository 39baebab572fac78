//! JavaScript, TypeScript and JSX, read in one pass.
//!
//! ```text
//!   lexer ─► parser ─┬─ statement ─┬─ pattern   what was an expression becomes what is assigned to
//!                    │             ├─ types     read and left out
//!                    └─ expression ┴─ markup    JSX
//! ```
//! A parser by hand, since the grammar's tables take ten times as long, and each session waits for it. It builds the same
//! tree as the grammar does (a test holds it to that), reads all that engines accept and more, and gives up at the
//! first thing that it does not know, on nesting that would cost stack, and where it would have to try too often:
//! then the grammar reads the file.

mod expression;
mod lexer;
mod markup;
mod pattern;
mod statement;
mod types;

use self::lexer::{Lexed, Lexer, Sign, Token, Word, place};
use super::{
    Unread,
    kinds::{Field, Kind},
    tree::{Children, Id, Mark, Root, Tree},
};

type Parsed<T = Id> = Result<T, Unread>;

/// Nesting of expressions and statements. Each level takes some hundred bytes of stack.
const DEPTH_MAX: u32 = 150;
/// Tokens read per byte of source: more means that it was read again and again.
const TOKENS_PER_BYTE: usize = 3;
const TOKENS_MIN: usize = 1000;

/// What else than JavaScript may stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    pub types: bool,
    pub markup: bool,
}

/// Reads a whole file.
pub(super) fn parse(source: &str, extras: Extras) -> Result<Tree, Unread> {
    if u32::try_from(source.len()).is_err() {
        return Err(Unread);
    }
    let lexer = Lexer::new(source);
    let nothing = Lexed { token: Token::End, start: 0, end: 0, line: 0, fresh: true };
    let mut parser = Parser {
        lexer,
        token: nothing,
        before: nothing,
        tree: Tree::for_source(source.len()),
        extras,
        depth: 0,
        tokens: source.len() * TOKENS_PER_BYTE + TOKENS_MIN,
        no_in: false,
        consequence: false,
    };
    parser.step()?;
    let mut body = Children::new();
    while parser.token.token != Token::End {
        let statement = parser.statement()?;
        parser.tree.hang(&mut body, statement, Field::None);
    }
    let root = parser.tree.add(Kind::Block, 0, place(source.len()), 0, body);
    parser.tree.root = Root(root);
    Ok(parser.tree)
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    /// The one that is looked at, and the one that was passed last.
    token: Lexed,
    before: Lexed,
    tree: Tree,
    extras: Extras,
    depth: u32,
    tokens: usize,
    /// In the head of a `for`, where `in` is no operator.
    no_in: bool,
    /// Between the `?` and the `:` of a condition, where a `:` gives no type.
    consequence: bool,
}

/// Where a parser stood, to go back to.
struct Place<'s> {
    lexer: Lexer<'s>,
    token: Lexed,
    before: Lexed,
    mark: Mark,
}

impl<'s> Parser<'s> {
    /// Passes the token.
    fn step(&mut self) -> Parsed<()> {
        self.tokens = self.tokens.checked_sub(1).ok_or(Unread)?;
        self.before = self.token;
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn place(&self) -> Place<'s> {
        Place { lexer: self.lexer, token: self.token, before: self.before, mark: self.tree.mark() }
    }

    fn back(&mut self, place: &Place<'s>) {
        (self.lexer, self.token, self.before) = (place.lexer, place.token, place.before);
        self.tree.reset(place.mark);
    }

    /// The token behind the one that is looked at.
    fn peek(&mut self) -> Parsed<Lexed> {
        self.tokens = self.tokens.checked_sub(1).ok_or(Unread)?;
        let mut ahead = self.lexer;
        ahead.next()
    }

    fn is(&self, sign: Sign) -> bool {
        self.token.token == Token::Sign(sign)
    }

    fn is_word(&self, word: Word) -> bool {
        self.token.token == Token::Word(word)
    }

    fn is_name(&self) -> bool {
        matches!(self.token.token, Token::Name | Token::Word(_))
    }

    fn eat(&mut self, sign: Sign) -> Parsed<bool> {
        let is = self.is(sign);
        if is {
            self.step()?;
        }
        Ok(is)
    }

    fn eat_word(&mut self, word: Word) -> Parsed<bool> {
        let is = self.is_word(word);
        if is {
            self.step()?;
        }
        Ok(is)
    }

    fn expect(&mut self, sign: Sign) -> Parsed<()> {
        if self.eat(sign)? { Ok(()) } else { Err(Unread) }
    }

    fn expect_word(&mut self, word: Word) -> Parsed<()> {
        if self.eat_word(word)? { Ok(()) } else { Err(Unread) }
    }

    /// Passes the token, as a node without children.
    fn leaf(&mut self, kind: Kind) -> Parsed {
        let token = self.token;
        self.step()?;
        Ok(self.tree.add(kind, token.start, token.end, token.line, Children::new()))
    }

    /// A node from `start` to the end of what was passed last.
    fn node(&mut self, kind: Kind, start: Lexed, children: Children) -> Id {
        self.tree.add(kind, start.start, self.before.end, start.line, children)
    }

    /// A node that begins where its first part does.
    fn over(&mut self, kind: Kind, first: Id, children: Children) -> Id {
        let (start, line) = (self.tree.node(first).start, self.tree.node(first).line);
        self.tree.add(kind, start, self.before.end, line, children)
    }

    /// A node with one part.
    fn around(&mut self, kind: Kind, start: Lexed, inner: Id) -> Id {
        let mut children = Children::new();
        self.tree.hang(&mut children, inner, Field::None);
        self.node(kind, start, children)
    }

    fn hang(&mut self, children: &mut Children, child: Id, field: Field) {
        self.tree.hang(children, child, field);
    }

    /// One level deeper, unless that is too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            return Err(Unread);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// With other surroundings, which are put back.
    fn within<T>(&mut self, no_in: bool, consequence: bool, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let old = (self.no_in, self.consequence);
        (self.no_in, self.consequence) = (no_in, consequence);
        let result = read(self);
        (self.no_in, self.consequence) = old;
        result
    }
}

//! Python, read in one pass, for the same reasons and by the same rules as `script`.
//!
//! ```text
//!   lexer, with indentation ─► statement ─► expression ─┬─ pattern   targets of assignments
//!                                                       └─ text      values in texts
//! ```
//! Python 2 and whatever else is not read here is left to the grammar.

mod expression;
mod lexer;
mod pattern;
mod statement;
mod text;

use self::lexer::{Lexed, Lexer, Sign, Token, Word, place};
use super::{
    Unread,
    kinds::{Field, Kind},
    tree::{Children, Id, Root, Tree},
};

type Parsed<T = Id> = Result<T, Unread>;

/// Nesting of expressions and statements. Each level takes some hundred bytes of stack.
const DEPTH_MAX: u32 = 150;

/// Reads a whole file.
pub(super) fn parse(source: &str) -> Result<Tree, Unread> {
    if u32::try_from(source.len()).is_err() {
        return Err(Unread);
    }
    let nothing = Lexed { token: Token::End, start: 0, end: 0, line: 0 };
    let mut parser = Parser {
        lexer: Lexer::new(source),
        token: nothing,
        before: nothing,
        tree: Tree::for_source(source.len()),
        depth: 0,
    };
    parser.step()?;
    let mut body = Children::new();
    while parser.token.token != Token::End {
        parser.statement(&mut body)?;
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
    depth: u32,
}

impl Parser<'_> {
    /// Passes the token.
    fn step(&mut self) -> Parsed<()> {
        self.before = self.token;
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn is(&self, sign: Sign) -> bool {
        self.token.token == Token::Sign(sign)
    }

    fn is_word(&self, word: Word) -> bool {
        self.token.token == Token::Word(word)
    }

    /// A name, or one of the words that are names where they mean nothing else.
    fn is_name(&self) -> bool {
        matches!(self.token.token, Token::Name | Token::Word(Word::Match | Word::Case | Word::Type))
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

    fn name(&mut self) -> Parsed {
        if self.is_name() { self.leaf(Kind::Ident) } else { Err(Unread) }
    }

    /// A node from `start` to the end of what was passed last.
    fn node(&mut self, kind: Kind, start: Lexed, children: Children) -> Id {
        self.tree.add(kind, start.start, self.before.end, start.line, children)
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
}

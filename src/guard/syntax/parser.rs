//! What the parsers of all languages do alike.
//!
//! ```text
//!   lexer ─► token, before ─► is, eat, expect ─► leaf, node, around, over ─► tree
//! ```
//! A parser looks at one token and remembers the last. Two bounds hold whatever is read: the depth of the nesting, since
//! each level takes stack, and the count of tokens, since what is read again and again takes time. Past either, the file
//! is the grammar's.

use super::{
    Unread,
    kinds::{Field, Kind},
    tree::{Children, Id, Mark, Root, Tree},
};

pub(super) type Parsed<T = Id> = Result<T, Unread>;

/// Nesting of expressions and statements. Each level takes some hundred bytes of stack.
const DEPTH_MAX: u32 = 150;
/// Tokens read per byte of source: more means that it was read again and again.
const TOKENS_PER_BYTE: usize = 3;
const TOKENS_MIN: usize = 1000;

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexed<T> {
    pub token: T,
    pub start: u32,
    pub end: u32,
    pub line: u32,
    /// A new line begins between the token before and this one. Where lines are tokens, never.
    pub fresh: bool,
}

/// Makes tokens of a text.
pub(super) trait Lexer: Clone {
    type Token: Copy + PartialEq + From<Self::Sign> + From<Self::Word>;
    type Sign;
    type Word;
    const END: Self::Token;

    /// # Errors
    /// When what comes next is no token.
    fn next(&mut self) -> Parsed<Lexed<Self::Token>>;
}

/// A parser over the tokens of `L`, with what else its language has to remember.
pub(super) struct Parser<L: Lexer, M> {
    pub lexer: L,
    /// The one that is looked at, and the one that was passed last.
    pub token: Lexed<L::Token>,
    pub before: Lexed<L::Token>,
    pub tree: Tree,
    pub mode: M,
    depth: u32,
    tokens: usize,
}

/// Where a parser stood, to go back to.
pub(super) struct Place<L: Lexer> {
    lexer: L,
    token: Lexed<L::Token>,
    before: Lexed<L::Token>,
    mark: Mark,
}

impl<L: Lexer, M> Parser<L, M> {
    /// At the first token of a source of so many bytes.
    pub fn new(lexer: L, mode: M, bytes: usize) -> Parsed<Self> {
        // Places in a source are numbers of four bytes.
        if u32::try_from(bytes).is_err() {
            return Err(Unread);
        }
        let nothing = Lexed { token: L::END, start: 0, end: 0, line: 0, fresh: true };
        let tree = Tree::for_source(bytes);
        let tokens = bytes * TOKENS_PER_BYTE + TOKENS_MIN;
        let mut parser = Self { lexer, token: nothing, before: nothing, tree, mode, depth: 0, tokens };
        parser.step()?;
        Ok(parser)
    }

    /// The tree of a source of so many bytes, of which all statements are read.
    pub fn finish(mut self, statements: Children, bytes: usize) -> Tree {
        let root = self.tree.add(Kind::Block, 0, place(bytes), 0, statements);
        self.tree.root = Root(root);
        self.tree
    }

    /// Passes the token.
    pub fn step(&mut self) -> Parsed<()> {
        self.pay()?;
        self.before = self.token;
        self.token = self.lexer.next()?;
        Ok(())
    }

    /// Pays for one token that is read.
    pub fn pay(&mut self) -> Parsed<()> {
        self.tokens = self.tokens.checked_sub(1).ok_or(Unread)?;
        Ok(())
    }

    /// The token behind the one that is looked at.
    pub fn peek(&mut self) -> Parsed<Lexed<L::Token>> {
        self.pay()?;
        self.lexer.clone().next()
    }

    pub fn place(&self) -> Place<L> {
        Place { lexer: self.lexer.clone(), token: self.token, before: self.before, mark: self.tree.mark() }
    }

    pub fn back(&mut self, place: Place<L>) {
        (self.lexer, self.token, self.before) = (place.lexer, place.token, place.before);
        self.tree.reset(place.mark);
    }

    pub fn is(&self, sign: L::Sign) -> bool {
        self.token.token == sign.into()
    }

    pub fn is_word(&self, word: L::Word) -> bool {
        self.token.token == word.into()
    }

    pub fn eat(&mut self, sign: L::Sign) -> Parsed<bool> {
        self.eat_token(sign.into())
    }

    pub fn eat_word(&mut self, word: L::Word) -> Parsed<bool> {
        self.eat_token(word.into())
    }

    fn eat_token(&mut self, token: L::Token) -> Parsed<bool> {
        let is = self.token.token == token;
        if is {
            self.step()?;
        }
        Ok(is)
    }

    pub fn expect(&mut self, sign: L::Sign) -> Parsed<()> {
        if self.eat(sign)? { Ok(()) } else { Err(Unread) }
    }

    pub fn expect_word(&mut self, word: L::Word) -> Parsed<()> {
        if self.eat_word(word)? { Ok(()) } else { Err(Unread) }
    }

    /// Passes the token, as a node without children.
    pub fn leaf(&mut self, kind: Kind) -> Parsed {
        let token = self.token;
        self.step()?;
        Ok(self.tree.add(kind, token.start, token.end, token.line, Children::new()))
    }

    /// A node from `start` to the end of what was passed last.
    pub fn node(&mut self, kind: Kind, start: Lexed<L::Token>, children: Children) -> Id {
        self.tree.add(kind, start.start, self.before.end, start.line, children)
    }

    /// A node that begins where its first part does.
    pub fn over(&mut self, kind: Kind, first: Id, children: Children) -> Id {
        let (start, line) = (self.tree.node(first).start, self.tree.node(first).line);
        self.tree.add(kind, start, self.before.end, line, children)
    }

    /// A node with one part.
    pub fn around(&mut self, kind: Kind, start: Lexed<L::Token>, inner: Id) -> Id {
        let mut children = Children::new();
        self.tree.hang(&mut children, inner, Field::None);
        self.node(kind, start, children)
    }

    pub fn hang(&mut self, children: &mut Children, child: Id, field: Field) {
        self.tree.hang(children, child, field);
    }

    /// One level deeper, unless that is too deep.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            return Err(Unread);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

/// Where the number that begins at `from` ends, by the rules that all languages share.
pub(super) fn end_of_number(bytes: &[u8], from: usize) -> usize {
    let hex = matches!(bytes.get(from + 1), Some(b'x' | b'X'));
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(b'+' | b'-') if !hex && at > from && matches!(bytes[at - 1], b'e' | b'E') => at += 1,
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') => at += 1,
            _ => return at,
        }
    }
}

/// Bytes of the character at the beginning of `rest`, which a backslash stands before, and the lines that end in it.
pub(super) fn escaped(rest: &str) -> Parsed<(usize, u32)> {
    match rest.as_bytes() {
        [] => Err(Unread),
        [b'\r', b'\n', ..] => Ok((2, 1)),
        [b'\n', ..] => Ok((1, 1)),
        [byte, ..] if byte.is_ascii() => Ok((1, 0)),
        _ => Ok((rest.chars().next().map_or(1, char::len_utf8), 0)),
    }
}

/// Sources are shorter than four gigabytes: a new parser has checked that.
pub(super) fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

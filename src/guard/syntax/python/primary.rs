//! Values that stand alone: names, literals, brackets, and comprehensions in them.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parsed {
        match self.token.token {
            Token::Name | Token::Word(Word::Match | Word::Case | Word::Type) => self.leaf(Kind::Ident),
            Token::Number => self.leaf(Kind::Number),
            Token::Text | Token::Format => self.texts(),
            Token::Word(Word::True | Word::False | Word::None) | Token::Sign(Sign::Dots) => self.leaf(Kind::Constant),
            Token::Sign(Sign::OpenParen) => self.parenthesised(),
            Token::Sign(Sign::OpenBracket) => self.list(),
            Token::Sign(Sign::OpenBrace) => self.braces(),
            Token::Word(_) | Token::Sign(_) | Token::End | Token::NewLine | Token::Indent | Token::Dedent => {
                Err(Unread)
            }
        }
    }

    /// One literal, or several that stand side by side.
    fn texts(&mut self) -> Parsed {
        let start = self.token;
        let first = self.text()?;
        if !matches!(self.token.token, Token::Text | Token::Format) {
            return Ok(first);
        }
        let mut children = Children::new();
        self.hang(&mut children, first, Field::None);
        while matches!(self.token.token, Token::Text | Token::Format) {
            let next = self.text()?;
            self.hang(&mut children, next, Field::None);
        }
        Ok(self.node(Kind::Join, start, children))
    }

    fn text(&mut self) -> Parsed {
        if self.token.token == Token::Text { self.leaf(Kind::Literal) } else { self.format() }
    }

    pub(super) fn begins_comprehension(&self) -> bool {
        self.is_word(Word::For) || self.is_word(Word::Async)
    }

    fn parenthesised(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        if self.eat(Sign::CloseParen)? {
            return Ok(self.node(Kind::List, start, Children::new()));
        }
        let first = self.spread_or_value()?;
        if self.begins_comprehension() {
            let parts = self.clauses(first, Sign::CloseParen)?;
            self.step()?;
            return Ok(self.node(Kind::Comprehension, start, parts));
        }
        if self.eat(Sign::CloseParen)? {
            return Ok(self.around(Kind::Pass, start, first));
        }
        let children = self.rest_of_list(first, Sign::CloseParen)?;
        Ok(self.node(Kind::List, start, children))
    }

    fn list(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        if self.eat(Sign::CloseBracket)? {
            return Ok(self.node(Kind::List, start, Children::new()));
        }
        let first = self.spread_or_value()?;
        if self.begins_comprehension() {
            let parts = self.clauses(first, Sign::CloseBracket)?;
            self.step()?;
            return Ok(self.node(Kind::Comprehension, start, parts));
        }
        let children = self.rest_of_list(first, Sign::CloseBracket)?;
        Ok(self.node(Kind::List, start, children))
    }

    /// Elements behind the first, and the closing sign.
    fn rest_of_list(&mut self, first: Id, close: Sign) -> Parsed<Children> {
        let mut children = Children::new();
        self.hang(&mut children, first, Field::None);
        while self.eat(Sign::Comma)? {
            if self.is(close) {
                break;
            }
            let next = self.spread_or_value()?;
            self.hang(&mut children, next, Field::None);
        }
        self.expect(close)?;
        Ok(children)
    }

    /// A set or a dictionary.
    fn braces(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        if self.eat(Sign::CloseBrace)? {
            return Ok(self.node(Kind::Table, start, Children::new()));
        }
        let doubled = self.is(Sign::Star2);
        let first = self.entry()?;
        let is_table = doubled || self.tree.node(first).kind == Kind::Pair;
        if self.begins_comprehension() {
            let parts = self.clauses(first, Sign::CloseBrace)?;
            self.step()?;
            let kind = if is_table { Kind::Other } else { Kind::Comprehension };
            return Ok(self.node(kind, start, parts));
        }
        let mut children = Children::new();
        self.hang(&mut children, first, Field::None);
        while self.eat(Sign::Comma)? {
            if self.is(Sign::CloseBrace) {
                break;
            }
            let next = self.entry()?;
            self.hang(&mut children, next, Field::None);
        }
        self.expect(Sign::CloseBrace)?;
        Ok(self.node(if is_table { Kind::Table } else { Kind::List }, start, children))
    }

    fn entry(&mut self) -> Parsed {
        let start = self.token;
        let key = self.spread_or_value()?;
        if !self.eat(Sign::Colon)? {
            return Ok(key);
        }
        let value = self.value()?;
        let mut children = Children::new();
        self.hang(&mut children, key, Field::Key);
        self.hang(&mut children, value, Field::Value);
        Ok(self.node(Kind::Pair, start, children))
    }

    /// `for a in b if c …` behind the element of a comprehension, to the sign that closes it.
    pub(super) fn clauses(&mut self, element: Id, close: Sign) -> Parsed<Children> {
        let mut children = Children::new();
        self.hang(&mut children, element, Field::Body);
        while !self.is(close) {
            let start = self.token;
            if self.eat_word(Word::If)? {
                let test = self.either()?;
                let filter = self.around(Kind::Other, start, test);
                self.hang(&mut children, filter, Field::None);
                continue;
            }
            self.eat_word(Word::Async)?;
            self.expect_word(Word::For)?;
            let clause = self.deeper(|parser| parser.clause(start))?;
            self.hang(&mut children, clause, Field::None);
            if self.is(Sign::Comma) {
                break;
            }
        }
        Ok(children)
    }

    fn clause(&mut self, start: Lexed) -> Parsed {
        let mut parts = Children::new();
        let left = self.targets()?;
        self.hang(&mut parts, left, Field::Left);
        self.expect_word(Word::In)?;
        let right = self.either()?;
        self.hang(&mut parts, right, Field::Right);
        Ok(self.node(Kind::ForIn, start, parts))
    }
}

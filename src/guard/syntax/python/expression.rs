//! Expressions: from the loosest binding to the tightest operator.

use super::{Children, Field, Kind, Parsed, Parser, Sign, Token, Word};

/// How tightly `**` binds, which is taken from the right.
const POWER_MAX: u8 = 8;

impl Parser<'_> {
    /// `a, *b`: one value, or a list of them.
    pub(super) fn values(&mut self) -> Parsed {
        let start = self.token;
        let first = self.spread_or_value()?;
        if !self.is(Sign::Comma) {
            return Ok(first);
        }
        let mut children = Children::new();
        self.hang(&mut children, first, Field::None);
        while self.eat(Sign::Comma)? {
            if !self.begins_value() {
                break;
            }
            let next = self.spread_or_value()?;
            self.hang(&mut children, next, Field::None);
        }
        Ok(self.node(Kind::List, start, children))
    }

    fn begins_value(&self) -> bool {
        match self.token.token {
            Token::Name | Token::Number | Token::Text | Token::Format => true,
            Token::Word(word) => matches!(
                word,
                Word::False
                    | Word::None
                    | Word::True
                    | Word::Await
                    | Word::Lambda
                    | Word::Not
                    | Word::Yield
                    | Word::Match
                    | Word::Case
                    | Word::Type
            ),
            Token::Sign(sign) => matches!(
                sign,
                Sign::OpenParen
                    | Sign::OpenBracket
                    | Sign::OpenBrace
                    | Sign::Minus
                    | Sign::Plus
                    | Sign::Tilde
                    | Sign::Star
                    | Sign::Star2
                    | Sign::Dots
            ),
            Token::End | Token::NewLine | Token::Indent | Token::Dedent => false,
        }
    }

    pub(super) fn spread_or_value(&mut self) -> Parsed {
        let start = self.token;
        if self.eat(Sign::Star)? || self.eat(Sign::Star2)? {
            let inner = self.deeper(|parser| parser.binary(0))?;
            return Ok(self.around(Kind::Spread, start, inner));
        }
        self.value()
    }

    /// One value, `name := value` included.
    pub(super) fn value(&mut self) -> Parsed {
        self.deeper(Self::one_value)
    }

    fn one_value(&mut self) -> Parsed {
        let start = self.token;
        match start.token {
            Token::Word(Word::Lambda) => return self.lambda(),
            Token::Word(Word::Yield) => return self.yielded(),
            _ => {}
        }
        let first = self.either()?;
        if self.is(Sign::Walrus) && self.tree.node(first).kind == Kind::Ident {
            self.step()?;
            let value = self.value()?;
            let mut children = Children::new();
            self.hang(&mut children, first, Field::Name);
            self.hang(&mut children, value, Field::Value);
            return Ok(self.node(Kind::Declare, start, children));
        }
        // `a if b else c`. The `if` of a comprehension comes behind what is read by `either`.
        if self.is_word(Word::If) {
            let mut children = Children::new();
            self.hang(&mut children, first, Field::None);
            self.step()?;
            let test = self.either()?;
            self.hang(&mut children, test, Field::None);
            self.expect_word(Word::Else)?;
            let other = self.value()?;
            self.hang(&mut children, other, Field::None);
            return Ok(self.node(Kind::Choice, start, children));
        }
        Ok(first)
    }

    fn yielded(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        if self.eat_word(Word::From)? || self.begins_value() {
            let value = self.values()?;
            self.hang(&mut children, value, Field::None);
        }
        Ok(self.node(Kind::Exit, start, children))
    }

    fn lambda(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let parameters = self.parameters(Sign::Colon, false)?;
        self.hang(&mut children, parameters, Field::None);
        self.expect(Sign::Colon)?;
        let body = self.value()?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::Function, start, children))
    }

    /// `a or b`.
    pub(super) fn either(&mut self) -> Parsed {
        self.joined(Word::Or, Self::both)
    }

    fn both(&mut self) -> Parsed {
        self.joined(Word::And, Self::inverted)
    }

    fn joined(&mut self, word: Word, side: fn(&mut Self) -> Parsed) -> Parsed {
        let start = self.token;
        let mut left = side(self)?;
        while self.eat_word(word)? {
            let right = side(self)?;
            let mut children = Children::new();
            self.hang(&mut children, left, Field::Left);
            self.hang(&mut children, right, Field::Right);
            left = self.node(Kind::Choice, start, children);
        }
        Ok(left)
    }

    fn inverted(&mut self) -> Parsed {
        let start = self.token;
        if !self.eat_word(Word::Not)? {
            return self.compared();
        }
        let inner = self.deeper(Self::inverted)?;
        Ok(self.around(Kind::Other, start, inner))
    }

    /// `a < b is not c`.
    fn compared(&mut self) -> Parsed {
        let start = self.token;
        let first = self.binary(0)?;
        let mut children = Children::new();
        loop {
            match self.token.token {
                Token::Sign(
                    Sign::Less | Sign::More | Sign::LessEqual | Sign::MoreEqual | Sign::Equal2 | Sign::NotEqual,
                )
                | Token::Word(Word::In) => self.step()?,
                Token::Word(Word::Is) => {
                    self.step()?;
                    self.eat_word(Word::Not)?;
                }
                Token::Word(Word::Not) => {
                    self.step()?;
                    self.expect_word(Word::In)?;
                }
                _ if children.first.is_none() => return Ok(first),
                _ => return Ok(self.node(Kind::Compare, start, children)),
            }
            if children.first.is_none() {
                self.hang(&mut children, first, Field::None);
            }
            let next = self.binary(0)?;
            self.hang(&mut children, next, Field::None);
        }
    }

    /// Operators between two sides, by how tightly they bind.
    pub(super) fn binary(&mut self, least: u8) -> Parsed {
        let start = self.token;
        let mut left = self.unary()?;
        loop {
            let Token::Sign(sign) = self.token.token else { return Ok(left) };
            let power = match sign {
                Sign::Or => 1,
                Sign::Xor => 2,
                Sign::And => 3,
                Sign::Left | Sign::Right => 4,
                Sign::Plus | Sign::Minus => 5,
                Sign::Star | Sign::Slash | Sign::Slash2 | Sign::Percent | Sign::At => 6,
                Sign::Star2 => POWER_MAX,
                _ => return Ok(left),
            };
            if power < least {
                return Ok(left);
            }
            let mut children = Children::new();
            self.hang(&mut children, left, Field::Left);
            let operator = self.leaf(Kind::Operator)?;
            self.hang(&mut children, operator, Field::Operator);
            let next = if power == POWER_MAX { 7 } else { power + 1 };
            let right = self.deeper(|parser| parser.binary(next))?;
            self.hang(&mut children, right, Field::Right);
            left = self.node(Kind::Binary, start, children);
        }
    }

    fn unary(&mut self) -> Parsed {
        let start = self.token;
        match start.token {
            Token::Sign(Sign::Plus | Sign::Minus | Sign::Tilde) => {
                let mut children = Children::new();
                let operator = self.leaf(Kind::Operator)?;
                self.hang(&mut children, operator, Field::Operator);
                let inner = self.deeper(|parser| parser.binary(7))?;
                self.hang(&mut children, inner, Field::None);
                Ok(self.node(Kind::Unary, start, children))
            }
            Token::Word(Word::Await) => {
                self.step()?;
                let inner = self.deeper(Self::unary)?;
                Ok(self.around(Kind::Await, start, inner))
            }
            _ => self.postfix(),
        }
    }

    /// Members, calls and elements behind something.
    pub(super) fn postfix(&mut self) -> Parsed {
        let start = self.token;
        let mut value = self.primary()?;
        loop {
            let mut children = Children::new();
            match self.token.token {
                Token::Sign(Sign::Dot) => {
                    self.hang(&mut children, value, Field::Object);
                    self.step()?;
                    let name = self.name()?;
                    self.hang(&mut children, name, Field::Property);
                    value = self.node(Kind::Member, start, children);
                }
                Token::Sign(Sign::OpenParen) => {
                    self.hang(&mut children, value, Field::Function);
                    let arguments = self.arguments()?;
                    self.hang(&mut children, arguments, Field::Arguments);
                    value = self.node(Kind::Call, start, children);
                }
                Token::Sign(Sign::OpenBracket) => {
                    self.hang(&mut children, value, Field::Value);
                    self.step()?;
                    while !self.is(Sign::CloseBracket) {
                        let index = self.index()?;
                        self.hang(&mut children, index, Field::Index);
                        if !self.eat(Sign::Comma)? {
                            break;
                        }
                    }
                    self.expect(Sign::CloseBracket)?;
                    value = self.node(Kind::Subscript, start, children);
                }
                _ => return Ok(value),
            }
        }
    }

    /// `a`, `a:b`, `::-1`.
    fn index(&mut self) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        let mut slice = false;
        loop {
            if self.eat(Sign::Colon)? {
                slice = true;
            } else if self.is(Sign::CloseBracket) || self.is(Sign::Comma) {
                break;
            } else {
                let part = self.spread_or_value()?;
                self.hang(&mut children, part, Field::None);
                if !slice && !self.is(Sign::Colon) {
                    return Ok(part);
                }
            }
        }
        Ok(self.node(Kind::Slice, start, children))
    }

    /// `(a, *b, c=d)`, or the parts of a generator.
    pub(super) fn arguments(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::OpenParen)?;
        let mut children = Children::new();
        while !self.is(Sign::CloseParen) {
            let at = self.token;
            let argument = self.spread_or_value()?;
            if self.is(Sign::Equal) && self.tree.node(argument).kind == Kind::Ident {
                self.step()?;
                let value = self.value()?;
                let mut parts = Children::new();
                self.hang(&mut parts, argument, Field::Name);
                self.hang(&mut parts, value, Field::Value);
                let keyword = self.node(Kind::Keyword, at, parts);
                self.hang(&mut children, keyword, Field::None);
            } else if self.begins_comprehension() {
                let parts = self.clauses(argument, Sign::CloseParen)?;
                // A generator alone needs no brackets of its own.
                if children.first.is_none() && self.is(Sign::CloseParen) {
                    self.step()?;
                    return Ok(self.node(Kind::Comprehension, start, parts));
                }
                let generator = self.node(Kind::Comprehension, at, parts);
                self.hang(&mut children, generator, Field::None);
            } else {
                self.hang(&mut children, argument, Field::None);
            }
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        self.expect(Sign::CloseParen)?;
        Ok(self.node(Kind::Arguments, start, children))
    }
}

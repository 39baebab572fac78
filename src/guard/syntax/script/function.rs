//! Functions and classes.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Word};

impl Parser<'_> {
    /// From `function` on; `start` may be an `async` before it.
    pub(super) fn function(&mut self, start: Lexed) -> Parsed {
        self.expect_word(Word::Function)?;
        self.eat(Sign::Star)?;
        let mut children = Children::new();
        if self.is_name() {
            let name = self.leaf(Kind::Ident)?;
            self.hang(&mut children, name, Field::Name);
        }
        self.function_rest(start, children)
    }

    pub(super) fn method(&mut self, start: Lexed, name: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, name, Field::Name);
        self.function_rest(start, children)
    }

    /// Parameters and body.
    fn function_rest(&mut self, start: Lexed, mut children: Children) -> Parsed {
        if self.mode.types {
            self.skip_type_parameters()?;
        }
        let parameters = self.parameters()?;
        self.hang(&mut children, parameters, Field::None);
        if self.mode.types && self.eat(Sign::Colon)? {
            self.skip_type()?;
        }
        // Only announced: an overload, or what is declared to be elsewhere.
        if self.mode.types && !self.is(Sign::OpenBrace) {
            self.ends()?;
            return Ok(self.node(Kind::Function, start, children));
        }
        let body = self.within(false, false, Self::block)?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::Function, start, children))
    }

    /// A class, as a statement or a value.
    pub(super) fn class(&mut self, kind: Kind) -> Parsed {
        let start = self.token;
        self.expect_word(Word::Class)?;
        let mut children = Children::new();
        if self.is_name() && !self.is_word(Word::Extends) && !(self.mode.types && self.is_word(Word::Implements)) {
            let name = self.leaf(Kind::Ident)?;
            self.hang(&mut children, name, Field::Name);
        }
        if self.mode.types {
            self.skip_type_parameters()?;
        }
        if self.eat_word(Word::Extends)? {
            let at = self.token;
            let base = self.deeper(Self::primary)?;
            let base = self.suffixes(at, base, true)?;
            let heritage = self.around(Kind::Other, at, base);
            self.hang(&mut children, heritage, Field::None);
            if self.mode.types {
                self.skip_type_arguments()?;
            }
        }
        if self.mode.types && self.eat_word(Word::Implements)? {
            self.skip_type()?;
            while self.eat(Sign::Comma)? {
                self.skip_type()?;
            }
        }
        let body = self.within(false, false, Self::class_body)?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(kind, start, children))
    }

    fn class_body(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::OpenBrace)?;
        let mut children = Children::new();
        while !self.is(Sign::CloseBrace) {
            if self.eat(Sign::Semicolon)? {
                continue;
            }
            while self.is(Sign::At) {
                let decorator = self.decorator()?;
                self.hang(&mut children, decorator, Field::None);
            }
            let member = self.deeper(Self::class_member)?;
            self.hang(&mut children, member, Field::None);
        }
        self.step()?;
        Ok(self.node(Kind::Block, start, children))
    }

    fn class_member(&mut self) -> Parsed {
        let start = self.token;
        if self.mode.types {
            if self.is_word(Word::Declare) {
                let next = self.peek()?;
                if matches!(next.token, Token::Name | Token::Word(_)) {
                    self.step()?;
                }
            }
            self.modifiers()?;
        }
        if self.is_word(Word::Static) && self.peek()?.token == Token::Sign(Sign::OpenBrace) {
            self.step()?;
            return self.block();
        }
        self.method_words()?;
        if self.mode.types {
            self.modifiers()?;
            self.method_words()?;
            if self.is(Sign::OpenBracket) && self.is_index_signature()? {
                return self.index_signature(start);
            }
        }
        let name = self.key()?;
        if self.mode.types && !self.eat(Sign::Question)? {
            self.eat(Sign::Not)?;
        }
        if self.is(Sign::OpenParen) || self.mode.types && self.is(Sign::Less) {
            return self.method(start, name);
        }
        if self.mode.types && self.eat(Sign::Colon)? {
            self.skip_type()?;
        }
        let mut children = Children::new();
        self.hang(&mut children, name, Field::Property);
        if self.eat(Sign::Equal)? {
            let value = self.expression()?;
            self.hang(&mut children, value, Field::Value);
        }
        self.ends()?;
        Ok(self.node(Kind::Declare, start, children))
    }

    /// `@name`, `@name.of(x)`, `@(x)`.
    pub(super) fn decorator(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::At)?;
        let at = self.token;
        let first = self.deeper(Self::primary)?;
        let value = self.suffixes(at, first, true)?;
        Ok(self.around(Kind::Pass, start, value))
    }
}

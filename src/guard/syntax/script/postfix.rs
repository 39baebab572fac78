//! What hangs on a value: members, elements, calls.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    /// Members, calls and templates behind something.
    pub(super) fn postfix(&mut self) -> Parsed {
        let start = self.token;
        let primary = if self.is_word(Word::New) { self.new_object()? } else { self.primary()? };
        // An arrow function ends where its body does.
        if self.tree.node(primary).kind == Kind::Function
            && start.token != Token::Word(Word::Function)
            && !self.is_async_function(start)
        {
            return Ok(primary);
        }
        self.suffixes(start, primary, true)
    }

    fn is_async_function(&self, start: Lexed) -> bool {
        start.token == Token::Word(Word::Async)
            && self.lexer.source.get(start.end as usize..).is_some_and(|rest| rest.trim_start().starts_with("function"))
    }

    pub(super) fn suffixes(&mut self, start: Lexed, first: Id, calls: bool) -> Parsed {
        let mut value = first;
        loop {
            match self.token.token {
                Token::Sign(Sign::Dot) => {
                    self.step()?;
                    value = self.member(start, value)?;
                }
                Token::Sign(Sign::Optional) if calls => {
                    self.step()?;
                    match self.token.token {
                        Token::Sign(Sign::OpenParen) => value = self.call(start, value)?,
                        Token::Sign(Sign::OpenBracket) => value = self.element(start, value)?,
                        _ => value = self.member(start, value)?,
                    }
                }
                Token::Sign(Sign::OpenBracket) => value = self.element(start, value)?,
                Token::Sign(Sign::OpenParen) if calls => {
                    let called = self.call(start, value)?;
                    let is_async = start.token == Token::Word(Word::Async) && self.tree.node(value).kind == Kind::Ident;
                    if is_async && self.is_arrow_next()? {
                        return self.async_arrow(start, called);
                    }
                    value = called;
                }
                Token::Backtick => {
                    let mut children = Children::new();
                    self.hang(&mut children, value, Field::Function);
                    let template = self.template()?;
                    self.hang(&mut children, template, Field::Arguments);
                    value = self.node(Kind::Call, start, children);
                }
                Token::Sign(Sign::Not) if self.mode.types && !self.token.fresh => {
                    self.step()?;
                    value = self.around(Kind::Pass, start, value);
                }
                Token::Sign(Sign::Less | Sign::Left) if self.mode.types => {
                    if !self.type_arguments_of_call()? {
                        return Ok(value);
                    }
                }
                _ => return Ok(value),
            }
        }
    }

    fn member(&mut self, start: Lexed, object: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, object, Field::Object);
        let property = match self.token.token {
            Token::Name | Token::Word(_) | Token::PrivateName => self.leaf(Kind::Property)?,
            _ => return Err(Unread),
        };
        self.hang(&mut children, property, Field::Property);
        Ok(self.node(Kind::Member, start, children))
    }

    fn element(&mut self, start: Lexed, object: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, object, Field::Object);
        self.expect(Sign::OpenBracket)?;
        let index = self.within(false, false, Self::expression)?;
        self.expect(Sign::CloseBracket)?;
        self.hang(&mut children, index, Field::Index);
        Ok(self.node(Kind::Subscript, start, children))
    }

    fn call(&mut self, start: Lexed, function: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, function, Field::Function);
        let arguments = self.arguments()?;
        self.hang(&mut children, arguments, Field::Arguments);
        Ok(self.node(Kind::Call, start, children))
    }

    /// `async(a, b)` was no call.
    fn async_arrow(&mut self, start: Lexed, call: Id) -> Parsed {
        let list = self.tree.children(call).nth(1).ok_or(Unread)?;
        self.tree.node_mut(list).kind = Kind::Parameters;
        let mut part = self.tree.node(list).child;
        while !part.is_none() {
            self.repattern(part)?;
            part = self.tree.node(part).next;
        }
        self.arrow(start, list, Field::None)
    }

    fn arguments(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::OpenParen)?;
        let children = self.list(Sign::CloseParen)?;
        Ok(self.node(Kind::Arguments, start, children))
    }

    /// Elements to the closing sign, with `...` and holes.
    pub(super) fn list(&mut self, close: Sign) -> Parsed<Children> {
        let mut children = Children::new();
        loop {
            while self.is(Sign::Comma) && close == Sign::CloseBracket {
                self.step()?;
            }
            if self.eat(close)? {
                return Ok(children);
            }
            let element = self.within(false, false, Self::spread_or_value)?;
            self.hang(&mut children, element, Field::None);
            // Parameters of an arrow function may have types: `async (a: T) => …`.
            if self.mode.types && close == Sign::CloseParen && !self.is(Sign::Comma) && !self.is(close) {
                self.parameter_type(element)?;
            }
            if !self.is(close) {
                self.expect(Sign::Comma)?;
            }
        }
    }

    pub(super) fn spread_or_value(&mut self) -> Parsed {
        let start = self.token;
        if self.eat(Sign::Dots)? {
            let inner = self.assignment()?;
            return Ok(self.around(Kind::Spread, start, inner));
        }
        self.assignment()
    }

    fn new_object(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        if self.is(Sign::Dot) {
            self.step()?;
            self.step()?;
            return Ok(self.node(Kind::This, start, Children::new()));
        }
        let inner_start = self.token;
        let inner = if self.is_word(Word::New) { self.deeper(Self::new_object)? } else { self.deeper(Self::primary)? };
        let constructor = self.suffixes(inner_start, inner, false)?;
        let mut children = Children::new();
        self.hang(&mut children, constructor, Field::Function);
        if self.is(Sign::OpenParen) {
            let arguments = self.arguments()?;
            self.hang(&mut children, arguments, Field::Arguments);
        }
        Ok(self.node(Kind::New, start, children))
    }
}

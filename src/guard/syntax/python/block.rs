//! Compound statements: a head, and a block below it or behind it.

use super::{super::parser::Lexer as _, Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    /// A `:` and the statements behind it, on the same line or below.
    fn block(&mut self) -> Parsed {
        self.expect(Sign::Colon)?;
        let start = self.token;
        let mut children = Children::new();
        if !matches!(self.token.token, Token::NewLine) {
            self.line(&mut children)?;
            return Ok(self.node(Kind::Block, start, children));
        }
        self.step()?;
        if self.token.token != Token::Indent {
            return Err(Unread);
        }
        self.step()?;
        while self.token.token != Token::Dedent {
            if self.token.token == Token::End {
                return Err(Unread);
            }
            self.statement(&mut children)?;
        }
        self.step()?;
        Ok(self.node(Kind::Block, start, children))
    }

    /// `if`, with every `elif` and the `else`.
    pub(super) fn branches(&mut self) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        loop {
            self.step()?;
            let test = self.value()?;
            self.hang(&mut children, test, Field::Condition);
            let block = self.block()?;
            self.hang(&mut children, block, Field::None);
            if !self.is_word(Word::Elif) {
                break;
            }
        }
        self.otherwise(&mut children)?;
        Ok(self.node(Kind::Block, start, children))
    }

    fn otherwise(&mut self, children: &mut Children) -> Parsed<()> {
        if self.eat_word(Word::Else)? {
            let block = self.block()?;
            self.hang(children, block, Field::None);
        }
        Ok(())
    }

    pub(super) fn while_loop(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let test = self.value()?;
        self.hang(&mut children, test, Field::Condition);
        let body = self.block()?;
        self.hang(&mut children, body, Field::Body);
        self.otherwise(&mut children)?;
        Ok(self.node(Kind::While, start, children))
    }

    pub(super) fn for_loop(&mut self, start: Lexed) -> Parsed {
        self.expect_word(Word::For)?;
        let mut children = Children::new();
        let left = self.targets()?;
        self.hang(&mut children, left, Field::Left);
        self.expect_word(Word::In)?;
        let right = self.values()?;
        self.hang(&mut children, right, Field::Right);
        let body = self.block()?;
        self.hang(&mut children, body, Field::Body);
        self.otherwise(&mut children)?;
        Ok(self.node(Kind::ForIn, start, children))
    }

    pub(super) fn asynchronous(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        match self.token.token {
            Token::Word(Word::Def) => self.definition(start),
            Token::Word(Word::For) => self.for_loop(start),
            Token::Word(Word::With) => self.with_block(),
            _ => Err(Unread),
        }
    }

    pub(super) fn try_block(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let body = self.block()?;
        self.hang(&mut children, body, Field::None);
        while self.eat_word(Word::Except)? {
            self.eat(Sign::Star)?;
            if !self.is(Sign::Colon) {
                let at = self.token;
                let caught = self.values()?;
                let caught = self.named(at, caught)?;
                self.hang(&mut children, caught, Field::None);
            }
            let block = self.block()?;
            self.hang(&mut children, block, Field::None);
        }
        self.otherwise(&mut children)?;
        if self.eat_word(Word::Finally)? {
            let block = self.block()?;
            self.hang(&mut children, block, Field::None);
        }
        Ok(self.node(Kind::Block, start, children))
    }

    /// `value as name`.
    fn named(&mut self, start: Lexed, value: Id) -> Parsed {
        if !self.eat_word(Word::As)? {
            return Ok(value);
        }
        let target = self.targets_of_with()?;
        let mut parts = Children::new();
        self.hang(&mut parts, value, Field::None);
        self.hang(&mut parts, target, Field::Alias);
        Ok(self.node(Kind::AsPattern, start, parts))
    }

    fn targets_of_with(&mut self) -> Parsed {
        let target = self.binary(0)?;
        self.retarget(target)?;
        Ok(target)
    }

    pub(super) fn with_block(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        // `with (a as b, c as d):` looks like a list until its first `as`.
        let brackets = self.is(Sign::OpenParen) && self.has_as()?;
        if brackets {
            self.step()?;
        }
        loop {
            let at = self.token;
            let value = self.value()?;
            let item = self.named(at, value)?;
            self.hang(&mut children, item, Field::None);
            if !self.eat(Sign::Comma)? || brackets && self.is(Sign::CloseParen) {
                break;
            }
        }
        if brackets {
            self.expect(Sign::CloseParen)?;
        }
        let body = self.block()?;
        self.hang(&mut children, body, Field::None);
        Ok(self.node(Kind::Block, start, children))
    }

    /// Whether an `as` stands in the brackets that begin here, but in none within them.
    fn has_as(&mut self) -> Parsed<bool> {
        let mut ahead = self.lexer.clone();
        let outside = ahead.brackets - 1;
        loop {
            self.pay()?;
            match ahead.next()?.token {
                Token::Word(Word::As) if ahead.brackets == outside + 1 => return Ok(true),
                // Values in texts have tokens of their own.
                Token::End | Token::Format => return Err(Unread),
                _ if ahead.brackets <= outside => return Ok(false),
                _ => {}
            }
        }
    }

    pub(super) fn definition(&mut self, start: Lexed) -> Parsed {
        self.expect_word(Word::Def)?;
        let mut children = Children::new();
        let name = self.name()?;
        self.hang(&mut children, name, Field::Name);
        self.expect(Sign::OpenParen)?;
        let parameters = self.parameters(Sign::CloseParen, true)?;
        self.hang(&mut children, parameters, Field::None);
        self.expect(Sign::CloseParen)?;
        if self.eat(Sign::Arrow)? {
            let kind = self.annotation()?;
            self.hang(&mut children, kind, Field::None);
        }
        let body = self.block()?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::Function, start, children))
    }

    pub(super) fn class(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let name = self.name()?;
        self.hang(&mut children, name, Field::Name);
        if self.is(Sign::OpenParen) {
            let bases = self.arguments()?;
            self.hang(&mut children, bases, Field::None);
        }
        let body = self.block()?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::Block, start, children))
    }

    /// `match value:`, unless `match` is a name here.
    pub(super) fn match_block(&mut self) -> Parsed<Option<Id>> {
        let place = self.place();
        let start = self.token;
        self.step()?;
        let subject = self.values();
        let opens = subject.is_ok() && self.is(Sign::Colon);
        if let (Ok(subject), true) = (subject, opens) {
            self.step()?;
            if self.token.token == Token::NewLine {
                self.step()?;
                if self.token.token == Token::Indent {
                    return self.cases(start, subject).map(Some);
                }
            }
        }
        self.back(place);
        Ok(None)
    }

    fn cases(&mut self, start: Lexed, subject: Id) -> Parsed {
        self.step()?;
        let mut children = Children::new();
        self.hang(&mut children, subject, Field::None);
        while self.eat_word(Word::Case)? {
            // A pattern compares, and names what it finds; it calls nothing that was not loaded before.
            while !(matches!(self.token.token, Token::Sign(Sign::Colon) | Token::Word(Word::If))
                && self.lexer.brackets == 0)
            {
                if matches!(self.token.token, Token::NewLine | Token::End | Token::Format) {
                    return Err(Unread);
                }
                self.step()?;
            }
            if self.eat_word(Word::If)? {
                let guard = self.value()?;
                self.hang(&mut children, guard, Field::None);
            }
            let body = self.block()?;
            self.hang(&mut children, body, Field::None);
        }
        if self.token.token != Token::Dedent {
            return Err(Unread);
        }
        self.step()?;
        Ok(self.node(Kind::Block, start, children))
    }
}

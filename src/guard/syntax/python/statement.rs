//! Statements of one line.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    /// One line or one compound statement, with all that is in it.
    pub(super) fn statement(&mut self, children: &mut Children) -> Parsed<()> {
        self.deeper(|parser| parser.one_statement(children))
    }

    fn one_statement(&mut self, children: &mut Children) -> Parsed<()> {
        let start = self.token;
        let compound = match start.token {
            Token::Word(Word::If | Word::Elif) => self.branches()?,
            Token::Word(Word::While) => self.while_loop()?,
            Token::Word(Word::For) => self.for_loop(start)?,
            Token::Word(Word::Try) => self.try_block()?,
            Token::Word(Word::With) => self.with_block()?,
            Token::Word(Word::Def) => self.definition(start)?,
            Token::Word(Word::Class) => self.class()?,
            Token::Word(Word::Async) => self.asynchronous()?,
            Token::Word(Word::Match) => match self.match_block()? {
                Some(block) => block,
                None => return self.line(children),
            },
            Token::Sign(Sign::At) => {
                self.step()?;
                let value = self.value()?;
                let decorator = self.around(Kind::Pass, start, value);
                self.end_of_line()?;
                decorator
            }
            Token::NewLine => return self.step(),
            _ => return self.line(children),
        };
        self.hang(children, compound, Field::None);
        Ok(())
    }

    /// Simple statements, with semicolons between them.
    pub(super) fn line(&mut self, children: &mut Children) -> Parsed<()> {
        loop {
            let statement = self.simple()?;
            self.hang(children, statement, Field::None);
            if !self.eat(Sign::Semicolon)? {
                return self.end_of_line();
            }
            if matches!(self.token.token, Token::NewLine | Token::End) {
                return self.end_of_line();
            }
        }
    }

    fn end_of_line(&mut self) -> Parsed<()> {
        match self.token.token {
            Token::NewLine => self.step(),
            Token::End | Token::Dedent => Ok(()),
            _ => Err(Unread),
        }
    }

    fn simple(&mut self) -> Parsed {
        let start = self.token;
        let Token::Word(word) = start.token else { return self.assigned() };
        match word {
            Word::Pass | Word::Continue => {
                self.step()?;
                Ok(self.node(Kind::Skip, start, Children::new()))
            }
            Word::Break | Word::Return | Word::Raise => self.jump(),
            Word::Import => self.import(),
            Word::From => self.import_from(),
            Word::Global | Word::Nonlocal => {
                self.step()?;
                self.step()?;
                while self.eat(Sign::Comma)? {
                    self.step()?;
                }
                Ok(self.node(Kind::Skip, start, Children::new()))
            }
            Word::Assert | Word::Del => {
                self.step()?;
                let value = self.values()?;
                Ok(self.around(Kind::Other, start, value))
            }
            Word::Type if self.is_alias()? => {
                self.step()?;
                self.step()?;
                if self.is(Sign::OpenBracket) {
                    return Err(Unread);
                }
                self.expect(Sign::Equal)?;
                let value = self.value()?;
                Ok(self.around(Kind::Other, start, value))
            }
            _ => self.assigned(),
        }
    }

    /// `type A = …`: a name follows.
    fn is_alias(&mut self) -> Parsed<bool> {
        Ok(self.peek()?.token == Token::Name)
    }

    fn jump(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        if !matches!(self.token.token, Token::NewLine | Token::End | Token::Dedent | Token::Sign(Sign::Semicolon)) {
            let value = self.values()?;
            self.hang(&mut children, value, Field::None);
            if self.eat_word(Word::From)? {
                let cause = self.value()?;
                self.hang(&mut children, cause, Field::None);
            }
        }
        Ok(self.node(Kind::Exit, start, children))
    }

    /// An expression, or what is assigned to it.
    fn assigned(&mut self) -> Parsed {
        let start = self.token;
        let left = self.values()?;
        let Token::Sign(sign) = self.token.token else { return Ok(left) };
        match sign {
            Sign::Equal => self.assignment(start, left),
            Sign::Colon => {
                self.step()?;
                self.retarget(left)?;
                let mut children = Children::new();
                self.hang(&mut children, left, Field::Left);
                let kind = self.annotation()?;
                self.hang(&mut children, kind, Field::None);
                if self.eat(Sign::Equal)? {
                    let right = self.values()?;
                    self.hang(&mut children, right, Field::Right);
                }
                Ok(self.node(Kind::Assign, start, children))
            }
            Sign::PlusEqual
            | Sign::MinusEqual
            | Sign::StarEqual
            | Sign::SlashEqual
            | Sign::Slash2Equal
            | Sign::PercentEqual
            | Sign::AtEqual
            | Sign::AndEqual
            | Sign::OrEqual
            | Sign::XorEqual
            | Sign::RightEqual
            | Sign::LeftEqual
            | Sign::Star2Equal => {
                let mut children = Children::new();
                self.hang(&mut children, left, Field::Left);
                let operator = self.leaf(Kind::Operator)?;
                self.hang(&mut children, operator, Field::Operator);
                let right = self.values()?;
                self.hang(&mut children, right, Field::Right);
                Ok(self.node(Kind::Augment, start, children))
            }
            _ => Ok(left),
        }
    }

    /// `a = b = c`, from the first `=` on.
    fn assignment(&mut self, start: Lexed, left: Id) -> Parsed {
        self.deeper(|parser| {
            parser.expect(Sign::Equal)?;
            parser.retarget(left)?;
            let mut children = Children::new();
            parser.hang(&mut children, left, Field::Left);
            let at = parser.token;
            let mut right = parser.values()?;
            if parser.is(Sign::Equal) {
                right = parser.assignment(at, right)?;
            }
            parser.hang(&mut children, right, Field::Right);
            Ok(parser.node(Kind::Assign, start, children))
        })
    }

    fn import(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        loop {
            let part = self.module_or_alias()?;
            self.hang(&mut children, part, Field::Name);
            if !self.eat(Sign::Comma)? {
                return Ok(self.node(Kind::Import, start, children));
            }
        }
    }

    /// `a.b as c`.
    fn module_or_alias(&mut self) -> Parsed {
        let start = self.token;
        let name = self.dotted()?;
        if !self.eat_word(Word::As)? {
            return Ok(name);
        }
        let alias = self.name()?;
        let mut parts = Children::new();
        self.hang(&mut parts, name, Field::Name);
        self.hang(&mut parts, alias, Field::Alias);
        Ok(self.node(Kind::ImportPart, start, parts))
    }

    fn dotted(&mut self) -> Parsed {
        let start = self.token;
        loop {
            if !self.is_name() {
                return Err(Unread);
            }
            self.step()?;
            if !self.eat(Sign::Dot)? {
                return Ok(self.node(Kind::Dotted, start, Children::new()));
            }
        }
    }

    fn import_from(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let at = self.token;
        let mut relative = false;
        while self.is(Sign::Dot) || self.is(Sign::Dots) {
            relative = true;
            self.step()?;
        }
        if !relative || !self.is_word(Word::Import) {
            let name = self.dotted()?;
            self.tree.node_mut(name).start = at.start;
            self.hang(&mut children, name, Field::Module);
        } else {
            let dots = self.node(Kind::Dotted, at, Children::new());
            self.hang(&mut children, dots, Field::Module);
        }
        self.expect_word(Word::Import)?;
        if self.is(Sign::Star) {
            let all = self.leaf(Kind::ImportAll)?;
            self.hang(&mut children, all, Field::None);
            return Ok(self.node(Kind::FromImport, start, children));
        }
        let brackets = self.eat(Sign::OpenParen)?;
        loop {
            let part = self.module_or_alias()?;
            self.hang(&mut children, part, Field::Name);
            if !self.eat(Sign::Comma)? || brackets && self.is(Sign::CloseParen) {
                break;
            }
        }
        if brackets {
            self.expect(Sign::CloseParen)?;
        }
        Ok(self.node(Kind::FromImport, start, children))
    }
}

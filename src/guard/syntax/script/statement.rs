//! Statements, and where they end.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Parsed {
        self.deeper(Self::one_statement)
    }

    fn one_statement(&mut self) -> Parsed {
        let start = self.token;
        match start.token {
            Token::Sign(Sign::OpenBrace) => self.block(),
            Token::Sign(Sign::Semicolon) => {
                self.step()?;
                Ok(self.node(Kind::Skip, start, Children::new()))
            }
            Token::Sign(Sign::At) => {
                let mut children = Children::new();
                while self.is(Sign::At) {
                    let decorator = self.decorator()?;
                    self.hang(&mut children, decorator, Field::None);
                }
                let class = self.one_statement()?;
                self.hang(&mut children, class, Field::None);
                Ok(self.node(Kind::Block, start, children))
            }
            Token::Word(word) => self.by_word(word, start),
            _ => self.expression_statement(),
        }
    }

    fn by_word(&mut self, word: Word, start: Lexed) -> Parsed {
        match word {
            Word::Var | Word::Const => self.declaration(start),
            Word::Let => match self.peek()?.token {
                Token::Name | Token::Word(_) | Token::Sign(Sign::OpenBrace | Sign::OpenBracket) => {
                    self.declaration(start)
                }
                _ => self.expression_statement(),
            },
            // Without a name it is no declaration, and no program either; what follows it is read all the same.
            Word::Function if self.peek()?.token == Token::Sign(Sign::OpenParen) => self.expression_statement(),
            Word::Function => self.function(start),
            Word::Async => {
                let next = self.peek()?;
                if next.token == Token::Word(Word::Function) && !next.fresh {
                    self.step()?;
                    return self.function(start);
                }
                self.expression_statement()
            }
            Word::Class => self.class(Kind::Block),
            Word::If => self.if_statement(),
            Word::For => self.for_statement(),
            Word::While | Word::Do | Word::With => self.while_statement(word),
            Word::Return | Word::Throw => self.return_statement(),
            Word::Break | Word::Continue => self.jump(word),
            Word::Try => self.try_statement(),
            Word::Switch => self.switch(),
            Word::Import => match self.peek()?.token {
                Token::Sign(Sign::OpenParen | Sign::Dot) => self.expression_statement(),
                _ => self.import(),
            },
            Word::Export => self.export(),
            Word::Debugger => {
                self.step()?;
                self.ends()?;
                Ok(self.node(Kind::Skip, start, Children::new()))
            }
            Word::Enum if self.mode.types => self.enumeration(),
            Word::Interface
            | Word::Type
            | Word::Namespace
            | Word::Module
            | Word::Declare
            | Word::Abstract
            | Word::Global
                if self.mode.types =>
            {
                self.typed_statement(word)
            }
            _ => self.expression_statement(),
        }
    }

    /// The end of a statement: a semicolon, or where one is understood.
    pub(super) fn ends(&mut self) -> Parsed<()> {
        if self.eat(Sign::Semicolon)? || self.token.fresh || self.is(Sign::CloseBrace) || self.token.token == Token::End
        {
            Ok(())
        } else {
            Err(Unread)
        }
    }

    fn expression_statement(&mut self) -> Parsed {
        // `label: statement`
        if self.is_name() && self.peek()?.token == Token::Sign(Sign::Colon) {
            self.step()?;
            self.step()?;
            return self.statement();
        }
        let value = self.within(false, false, Self::expression)?;
        self.ends()?;
        Ok(value)
    }

    pub(super) fn block(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::OpenBrace)?;
        let mut children = Children::new();
        while !self.is(Sign::CloseBrace) {
            let statement = self.statement()?;
            self.hang(&mut children, statement, Field::None);
        }
        self.step()?;
        Ok(self.node(Kind::Block, start, children))
    }

    fn declaration(&mut self, start: Lexed) -> Parsed {
        if self.mode.types && self.is_word(Word::Const) && self.peek()?.token == Token::Word(Word::Enum) {
            self.step()?;
            return self.enumeration();
        }
        let declared = self.declared(start)?;
        self.ends()?;
        Ok(declared)
    }

    /// `let a = 1, [b] = c`, without the end.
    fn declared(&mut self, start: Lexed) -> Parsed {
        self.step()?;
        let mut children = Children::new();
        loop {
            let declarator = self.declarator()?;
            self.hang(&mut children, declarator, Field::None);
            if !self.eat(Sign::Comma)? {
                return Ok(self.node(Kind::Block, start, children));
            }
        }
    }

    fn declarator(&mut self) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        let no_in = self.mode.no_in;
        let target = self.binding()?;
        self.hang(&mut children, target, Field::Name);
        if self.mode.types {
            self.eat(Sign::Not)?;
            if self.eat(Sign::Colon)? {
                self.skip_type()?;
            }
        }
        if self.eat(Sign::Equal)? {
            let value = self.within(no_in, false, Self::assignment)?;
            self.hang(&mut children, value, Field::Value);
        }
        Ok(self.node(Kind::Declare, start, children))
    }

    fn if_statement(&mut self) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        // A chain of `else if` is as flat as it reads.
        loop {
            self.expect_word(Word::If)?;
            let test = self.test()?;
            self.hang(&mut children, test, Field::Condition);
            let yes = self.statement()?;
            self.hang(&mut children, yes, Field::None);
            if !self.eat_word(Word::Else)? {
                break;
            }
            if !self.is_word(Word::If) {
                let no = self.statement()?;
                self.hang(&mut children, no, Field::None);
                break;
            }
        }
        Ok(self.node(Kind::Block, start, children))
    }

    /// `( … )` behind `if`, `while` and the like.
    fn test(&mut self) -> Parsed {
        self.expect(Sign::OpenParen)?;
        let test = self.within(false, false, Self::expression)?;
        self.expect(Sign::CloseParen)?;
        Ok(test)
    }

    fn while_statement(&mut self, word: Word) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        if word == Word::Do {
            let body = self.statement()?;
            self.hang(&mut children, body, Field::Body);
            self.expect_word(Word::While)?;
            let test = self.test()?;
            self.hang(&mut children, test, Field::Condition);
            self.eat(Sign::Semicolon)?;
        } else {
            let test = self.test()?;
            self.hang(&mut children, test, Field::Condition);
            let body = self.statement()?;
            self.hang(&mut children, body, Field::Body);
        }
        let kind = if word == Word::With { Kind::Block } else { Kind::While };
        Ok(self.node(kind, start, children))
    }

    fn for_statement(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        self.eat_word(Word::Await)?;
        self.expect(Sign::OpenParen)?;
        let mut children = Children::new();
        let head = self.token;
        if !self.is(Sign::Semicolon) {
            let declares = match head.token {
                Token::Word(Word::Var | Word::Const) => true,
                Token::Word(Word::Let) => {
                    matches!(
                        self.peek()?.token,
                        Token::Name | Token::Word(_) | Token::Sign(Sign::OpenBrace | Sign::OpenBracket)
                    )
                }
                _ => false,
            };
            let first = if declares {
                self.within(true, false, |parser| parser.declared(head))?
            } else {
                self.within(true, false, Self::expression)?
            };
            if self.is_word(Word::Of) || self.is_word(Word::In) {
                return self.for_each(start, first, declares);
            }
            self.hang(&mut children, first, Field::None);
        }
        self.expect(Sign::Semicolon)?;
        if !self.is(Sign::Semicolon) {
            let test = self.within(false, false, Self::expression)?;
            self.hang(&mut children, test, Field::Condition);
        }
        self.expect(Sign::Semicolon)?;
        if !self.is(Sign::CloseParen) {
            let step = self.within(false, false, Self::expression)?;
            self.hang(&mut children, step, Field::None);
        }
        self.expect(Sign::CloseParen)?;
        let body = self.statement()?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::For, start, children))
    }

    /// From the `of` or `in` on.
    fn for_each(&mut self, start: Lexed, first: Id, declares: bool) -> Parsed {
        let mut children = Children::new();
        let mut left = first;
        if declares {
            let declarator = self.tree.node(first).child;
            left = self.tree.node(declarator).child;
            // `for (var a = 0 in b)` is a fossil.
            if !self.tree.node(left).next.is_none() || !self.tree.node(declarator).next.is_none() {
                return Err(Unread);
            }
        } else {
            self.repattern(left)?;
        }
        self.hang(&mut children, left, Field::Left);
        self.step()?;
        let right = self.within(false, false, Self::expression)?;
        self.hang(&mut children, right, Field::Right);
        self.expect(Sign::CloseParen)?;
        let body = self.statement()?;
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::ForIn, start, children))
    }

    fn return_statement(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let ends = self.token.fresh
            || matches!(self.token.token, Token::Sign(Sign::Semicolon | Sign::CloseBrace) | Token::End);
        if !ends {
            let value = self.within(false, false, Self::expression)?;
            self.hang(&mut children, value, Field::None);
        }
        self.ends()?;
        Ok(self.node(Kind::Exit, start, children))
    }

    fn jump(&mut self, word: Word) -> Parsed {
        let start = self.token;
        self.step()?;
        if self.is_name() && !self.token.fresh {
            self.step()?;
        }
        let kind = if word == Word::Break { Kind::Exit } else { Kind::Skip };
        let node = self.node(kind, start, Children::new());
        self.ends()?;
        Ok(node)
    }

    fn try_statement(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let body = self.block()?;
        self.hang(&mut children, body, Field::None);
        if self.eat_word(Word::Catch)? {
            if self.eat(Sign::OpenParen)? {
                let target = self.binding()?;
                self.hang(&mut children, target, Field::None);
                if self.mode.types && self.eat(Sign::Colon)? {
                    self.skip_type()?;
                }
                self.expect(Sign::CloseParen)?;
            }
            let handler = self.block()?;
            self.hang(&mut children, handler, Field::None);
        }
        if self.eat_word(Word::Finally)? {
            let last = self.block()?;
            self.hang(&mut children, last, Field::None);
        }
        Ok(self.node(Kind::Block, start, children))
    }

    fn switch(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let value = self.test()?;
        self.hang(&mut children, value, Field::None);
        self.expect(Sign::OpenBrace)?;
        while !self.eat(Sign::CloseBrace)? {
            if self.eat_word(Word::Default)? {
                self.expect(Sign::Colon)?;
            } else if self.eat_word(Word::Case)? {
                let value = self.within(false, true, Self::expression)?;
                self.hang(&mut children, value, Field::None);
                self.expect(Sign::Colon)?;
            } else {
                let statement = self.statement()?;
                self.hang(&mut children, statement, Field::None);
            }
        }
        Ok(self.node(Kind::Block, start, children))
    }
}

//! Statements, functions and classes.

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
            Word::Enum if self.extras.types => self.enumeration(),
            Word::Interface
            | Word::Type
            | Word::Namespace
            | Word::Module
            | Word::Declare
            | Word::Abstract
            | Word::Global
                if self.extras.types =>
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
        if self.extras.types && self.is_word(Word::Const) && self.peek()?.token == Token::Word(Word::Enum) {
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
        let no_in = self.no_in;
        let target = self.binding()?;
        self.hang(&mut children, target, Field::Name);
        if self.extras.types {
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
        if self.extras.types {
            self.skip_type_parameters()?;
        }
        let parameters = self.parameters()?;
        self.hang(&mut children, parameters, Field::None);
        if self.extras.types && self.eat(Sign::Colon)? {
            self.skip_type()?;
        }
        // Only announced: an overload, or what is declared to be elsewhere.
        if self.extras.types && !self.is(Sign::OpenBrace) {
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
        if self.is_name() && !self.is_word(Word::Extends) && !(self.extras.types && self.is_word(Word::Implements)) {
            let name = self.leaf(Kind::Ident)?;
            self.hang(&mut children, name, Field::Name);
        }
        if self.extras.types {
            self.skip_type_parameters()?;
        }
        if self.eat_word(Word::Extends)? {
            let at = self.token;
            let base = self.primary()?;
            let base = self.suffixes(at, base, true)?;
            let heritage = self.around(Kind::Other, at, base);
            self.hang(&mut children, heritage, Field::None);
            if self.extras.types {
                self.skip_type_arguments()?;
            }
        }
        if self.extras.types && self.eat_word(Word::Implements)? {
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
        if self.extras.types {
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
        if self.extras.types {
            self.modifiers()?;
            self.method_words()?;
            if self.is(Sign::OpenBracket) && self.is_index_signature()? {
                return self.index_signature(start);
            }
        }
        let name = self.key()?;
        if self.extras.types && !self.eat(Sign::Question)? {
            self.eat(Sign::Not)?;
        }
        if self.is(Sign::OpenParen) || self.extras.types && self.is(Sign::Less) {
            return self.method(start, name);
        }
        if self.extras.types && self.eat(Sign::Colon)? {
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
        let first = self.primary()?;
        let value = self.suffixes(at, first, true)?;
        Ok(self.around(Kind::Pass, start, value))
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
                if self.extras.types && self.eat(Sign::Colon)? {
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

    fn import(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        if self.extras.types && self.is_word(Word::Type) {
            let next = self.peek()?;
            let is_type = matches!(next.token, Token::Name | Token::Sign(Sign::OpenBrace | Sign::Star))
                || matches!(next.token, Token::Word(word) if word != Word::From);
            if is_type {
                self.step()?;
            }
        }
        if self.is_name() {
            let name = self.leaf(Kind::Ident)?;
            self.hang(&mut children, name, Field::None);
            // `import fs = require('fs')`
            if self.extras.types && self.eat(Sign::Equal)? {
                return self.import_require(start, children);
            }
            self.eat(Sign::Comma)?;
        }
        if self.is(Sign::Star) {
            let at = self.token;
            self.step()?;
            self.expect_word(Word::As)?;
            let name = self.leaf(Kind::Ident)?;
            let all = self.around(Kind::ImportAll, at, name);
            self.hang(&mut children, all, Field::None);
        } else if self.is(Sign::OpenBrace) {
            self.specifiers(&mut children)?;
        }
        if !children.first.is_none() || self.is_word(Word::From) {
            self.expect_word(Word::From)?;
        }
        self.source(start, children)
    }

    fn import_require(&mut self, start: Lexed, mut children: Children) -> Parsed {
        let call = self.assignment()?;
        let source = match self.tree.children(call).nth(1) {
            Some(arguments) if self.tree.node(call).kind == Kind::Call => self.tree.node(arguments).child,
            _ => Id::NONE,
        };
        self.ends()?;
        // `import a = b.c` is an alias of a name.
        if source.is_none() || self.tree.node(source).kind != Kind::Literal {
            self.hang(&mut children, call, Field::None);
            return Ok(self.node(Kind::Block, start, children));
        }
        self.hang(&mut children, source, Field::Source);
        Ok(self.node(Kind::Import, start, children))
    }

    /// The module's name, and what is asked of it.
    fn source(&mut self, start: Lexed, mut children: Children) -> Parsed {
        if self.token.token != Token::Text {
            return Err(Unread);
        }
        let source = self.leaf(Kind::Literal)?;
        self.hang(&mut children, source, Field::Source);
        if self.is_word(Word::With) || self.token.token == Token::Name && !self.token.fresh {
            self.step()?;
            self.within(false, false, Self::primary)?;
        }
        self.ends()?;
        Ok(self.node(Kind::Import, start, children))
    }

    /// `{ a, b as c, type D }`.
    fn specifiers(&mut self, children: &mut Children) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.eat(Sign::CloseBrace)? {
            let start = self.token;
            if self.extras.types && self.is_word(Word::Type) {
                let next = self.peek()?.token;
                if !matches!(next, Token::Sign(Sign::Comma | Sign::CloseBrace) | Token::Word(Word::As)) {
                    self.step()?;
                }
            }
            let mut parts = Children::new();
            let name = self.specifier_name()?;
            self.hang(&mut parts, name, Field::Name);
            if self.eat_word(Word::As)? {
                let alias = self.specifier_name()?;
                self.hang(&mut parts, alias, Field::Alias);
            }
            let part = self.node(Kind::ImportPart, start, parts);
            self.hang(children, part, Field::None);
            if !self.is(Sign::CloseBrace) {
                self.expect(Sign::Comma)?;
            }
        }
        Ok(())
    }

    fn specifier_name(&mut self) -> Parsed {
        match self.token.token {
            Token::Name | Token::Word(_) => self.leaf(Kind::Ident),
            Token::Text => self.leaf(Kind::Literal),
            _ => Err(Unread),
        }
    }

    fn export(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let token = self.token.token;
        match token {
            Token::Word(Word::Default) => {
                self.step()?;
                let value = match self.token.token {
                    Token::Word(Word::Function | Word::Class | Word::Async | Word::Abstract | Word::Interface)
                    | Token::Sign(Sign::At) => self.statement()?,
                    _ => {
                        let value = self.assignment()?;
                        self.ends()?;
                        value
                    }
                };
                self.hang(&mut children, value, Field::Value);
            }
            Token::Sign(Sign::Star) => {
                self.step()?;
                if self.eat_word(Word::As)? {
                    self.specifier_name()?;
                }
                self.expect_word(Word::From)?;
                return self.source(start, children);
            }
            Token::Sign(Sign::OpenBrace) => {
                let mut names = Children::new();
                self.specifiers(&mut names)?;
                if self.eat_word(Word::From)? {
                    return self.source(start, Children::new());
                }
                self.ends()?;
            }
            Token::Sign(Sign::Equal) => {
                self.step()?;
                let value = self.expression()?;
                self.ends()?;
                self.hang(&mut children, value, Field::None);
            }
            Token::Word(Word::Type)
                if self.extras.types && matches!(self.peek()?.token, Token::Sign(Sign::OpenBrace | Sign::Star)) =>
            {
                self.step()?;
                return self.type_export(start);
            }
            _ => {
                let declaration = self.statement()?;
                self.hang(&mut children, declaration, Field::None);
            }
        }
        Ok(self.node(Kind::Block, start, children))
    }

    /// `export type { A } from './a'`: nothing is left of it, not even the import.
    fn type_export(&mut self, start: Lexed) -> Parsed {
        if self.eat(Sign::Star)? {
            if self.eat_word(Word::As)? {
                self.specifier_name()?;
            }
        } else {
            self.specifiers(&mut Children::new())?;
        }
        if self.eat_word(Word::From)? {
            return self.source(start, Children::new());
        }
        self.ends()?;
        Ok(self.node(Kind::Skip, start, Children::new()))
    }
}

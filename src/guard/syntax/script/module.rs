//! Imports and exports.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    pub(super) fn import(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        if self.mode.types && self.is_word(Word::Type) {
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
            if self.mode.types && self.eat(Sign::Equal)? {
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
            if self.mode.types && self.is_word(Word::Type) {
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

    pub(super) fn export(&mut self) -> Parsed {
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
                self.given_away(names, &mut children);
            }
            Token::Sign(Sign::Equal) => {
                self.step()?;
                let value = self.expression()?;
                self.ends()?;
                self.hang(&mut children, value, Field::Value);
            }
            Token::Word(Word::Type)
                if self.mode.types && matches!(self.peek()?.token, Token::Sign(Sign::OpenBrace | Sign::Star)) =>
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

    /// `export { a, b as c }`: names that are used, each as a value that goes elsewhere.
    fn given_away(&mut self, names: Children, children: &mut Children) {
        let mut part = names.first;
        while !part.is_none() {
            let node = self.tree.node_mut(part);
            node.kind = Kind::Other;
            let (name, next) = (node.child, node.next);
            if !name.is_none() {
                self.tree.node_mut(name).next = Id::NONE;
            }
            part = next;
        }
        *children = names;
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

//! What types stand in: statements of TypeScript, and expressions with types among them.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    /// `f<T>(x)`: passes the `<T>`, or nothing where it is a comparison.
    pub(super) fn type_arguments_of_call(&mut self) -> Parsed<bool> {
        let place = self.place();
        let read = self.skip_type_arguments();
        let called = matches!(self.token.token, Token::Sign(Sign::OpenParen) | Token::Backtick);
        if read.is_ok() && called {
            return Ok(true);
        }
        self.back(place);
        Ok(false)
    }

    /// `): T =>` behind what may be parameters.
    pub(super) fn arrow_type(&mut self) -> Parsed<bool> {
        let place = self.place();
        self.step()?;
        if self.skip_type().is_ok() && self.is(Sign::Arrow) {
            return Ok(true);
        }
        self.back(place);
        Ok(false)
    }

    /// `: T` or `?: T` and a value behind a parameter that was read as a value.
    pub(super) fn parameter_type(&mut self, parameter: Id) -> Parsed<()> {
        self.eat(Sign::Question)?;
        if self.eat(Sign::Colon)? {
            self.skip_type()?;
        }
        if self.eat(Sign::Equal)? {
            let value = self.within(false, false, Self::assignment)?;
            // What is there already becomes the target of what was there: `a: T = 1`.
            let target = *self.tree.node(parameter);
            let copy = self.tree.add(target.kind, target.start, target.end, target.line, Children::new());
            self.tree.node_mut(copy).child = target.child;
            let mut children = Children::new();
            self.hang(&mut children, copy, Field::Left);
            self.hang(&mut children, value, Field::Right);
            let end = self.before.end;
            let node = self.tree.node_mut(parameter);
            (node.kind, node.child, node.end) = (Kind::Assign, children.first, end);
        }
        Ok(())
    }

    /// `<T>value`, or `<T>(a: T) => …`.
    pub(super) fn type_first(&mut self) -> Parsed {
        let start = self.token;
        let place = self.place();
        if self.skip_type_parameters().is_ok() && self.is(Sign::OpenParen) {
            let value = self.primary()?;
            if self.tree.node(value).kind == Kind::Function {
                return Ok(value);
            }
        }
        self.back(place);
        self.skip_type_arguments()?;
        let inner = self.deeper(Self::primary)?;
        let inner = self.suffixes(start, inner, true)?;
        Ok(self.around(Kind::Pass, start, inner))
    }

    /// `public`, `readonly` and the like in front of a name.
    pub(super) fn modifiers(&mut self) -> Parsed<()> {
        while let Token::Word(
            Word::Public
            | Word::Private
            | Word::Protected
            | Word::Readonly
            | Word::Override
            | Word::Abstract
            | Word::Static,
        ) = self.token.token
        {
            let next = self.peek()?.token;
            let modifies = matches!(next, Token::Name | Token::Word(_) | Token::PrivateName | Token::Text)
                || matches!(next, Token::Sign(Sign::OpenBracket | Sign::OpenBrace | Sign::Star))
                    && !self.is_word(Word::Static);
            if !modifies {
                return Ok(());
            }
            self.step()?;
        }
        Ok(())
    }

    pub(super) fn is_index_signature(&mut self) -> Parsed<bool> {
        let place = self.place();
        self.step()?;
        let named = self.is_name();
        self.step()?;
        let is = named && self.is(Sign::Colon);
        self.back(place);
        Ok(is)
    }

    pub(super) fn index_signature(&mut self, start: Lexed) -> Parsed {
        self.type_member()?;
        self.ends()?;
        Ok(self.node(Kind::Skip, start, Children::new()))
    }

    /// `enum A { B = 1, C }`.
    pub(super) fn enumeration(&mut self) -> Parsed {
        let start = self.token;
        self.expect_word(Word::Enum)?;
        let mut children = Children::new();
        let name = self.leaf(Kind::Ident)?;
        self.hang(&mut children, name, Field::Name);
        self.expect(Sign::OpenBrace)?;
        while !self.is(Sign::CloseBrace) {
            let key = self.key()?;
            self.hang(&mut children, key, Field::None);
            if self.eat(Sign::Equal)? {
                let value = self.assignment()?;
                self.hang(&mut children, value, Field::None);
            }
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        self.expect(Sign::CloseBrace)?;
        Ok(self.node(Kind::Block, start, children))
    }

    /// Statements of TypeScript, where their words are not names.
    pub(super) fn typed_statement(&mut self, word: Word) -> Parsed {
        let start = self.token;
        let next = self.peek()?;
        let follows = !next.fresh && matches!(next.token, Token::Name | Token::Word(_));
        match word {
            Word::Interface if follows => {
                self.step()?;
                self.step()?;
                self.skip_type_parameters()?;
                if self.eat_word(Word::Extends)? {
                    self.skip_type()?;
                    while self.eat(Sign::Comma)? {
                        self.skip_type()?;
                    }
                }
                self.type_members()?;
                Ok(self.node(Kind::Skip, start, Children::new()))
            }
            Word::Type if follows => {
                self.step()?;
                self.step()?;
                self.skip_type_parameters()?;
                self.expect(Sign::Equal)?;
                self.skip_type()?;
                self.ends()?;
                Ok(self.node(Kind::Skip, start, Children::new()))
            }
            Word::Namespace | Word::Module if follows || next.token == Token::Text => {
                self.step()?;
                if self.token.token == Token::Text {
                    self.step()?
                } else {
                    self.type_name()?
                }
                if self.is(Sign::OpenBrace) { self.block() } else { Err(Unread) }
            }
            Word::Global if next.token == Token::Sign(Sign::OpenBrace) => {
                self.step()?;
                self.block()
            }
            Word::Declare | Word::Abstract if follows => {
                self.step()?;
                self.statement()
            }
            _ => {
                let value = self.within(false, false, Self::expression)?;
                self.ends()?;
                Ok(value)
            }
        }
    }
}

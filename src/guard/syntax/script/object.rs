//! Objects, and the names that their entries and the members of classes have.

use super::{Children, Field, Kind, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    pub(super) fn object(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        while !self.is(Sign::CloseBrace) {
            let entry = self.deeper(Self::entry)?;
            self.hang(&mut children, entry, Field::None);
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        self.expect(Sign::CloseBrace)?;
        Ok(self.node(Kind::Table, start, children))
    }

    fn entry(&mut self) -> Parsed {
        let start = self.token;
        if self.is(Sign::Dots) {
            return self.spread_or_value();
        }
        let named = self.is_name();
        self.method_words()?;
        let plain = named && self.token.start == start.start;
        let key = self.key()?;
        match self.token.token {
            Token::Sign(Sign::OpenParen) => self.method(start, key),
            Token::Sign(Sign::Less) if self.mode.types => self.method(start, key),
            Token::Sign(Sign::Colon) if self.tree.node(key).start == start.start => {
                self.step()?;
                let value = self.assignment()?;
                let mut children = Children::new();
                self.hang(&mut children, key, Field::Key);
                self.hang(&mut children, value, Field::Value);
                Ok(self.node(Kind::Pair, start, children))
            }
            Token::Sign(Sign::Equal) if plain => {
                self.tree.node_mut(key).kind = Kind::NamePattern;
                self.step()?;
                let value = self.assignment()?;
                let mut children = Children::new();
                self.hang(&mut children, key, Field::Left);
                self.hang(&mut children, value, Field::Right);
                Ok(self.node(Kind::DefaultPattern, start, children))
            }
            Token::Sign(Sign::Comma | Sign::CloseBrace) if plain => {
                self.tree.node_mut(key).kind = Kind::Shorthand;
                Ok(key)
            }
            _ => Err(Unread),
        }
    }

    /// `get`, `set`, `async`, `static` and `*` in front of a method's name.
    pub(super) fn method_words(&mut self) -> Parsed<()> {
        while let Token::Word(Word::Get | Word::Set | Word::Async | Word::Static | Word::Accessor) = self.token.token {
            let next = self.peek()?;
            let is_name = matches!(
                next.token,
                Token::Sign(
                    Sign::OpenParen
                        | Sign::Colon
                        | Sign::Comma
                        | Sign::CloseBrace
                        | Sign::Equal
                        | Sign::Semicolon
                        | Sign::Less
                        | Sign::Question
                        | Sign::Not
                ) | Token::End
            );
            if is_name {
                return Ok(());
            }
            self.step()?;
        }
        self.eat(Sign::Star)?;
        Ok(())
    }

    /// The name of an entry of an object or of a class.
    pub(super) fn key(&mut self) -> Parsed {
        let start = self.token;
        match start.token {
            Token::Name | Token::Word(_) | Token::PrivateName => self.leaf(Kind::Property),
            Token::Text => self.leaf(Kind::Literal),
            Token::Number => self.leaf(Kind::Number),
            Token::Sign(Sign::OpenBracket) => {
                self.step()?;
                let inner = self.within(false, false, Self::assignment)?;
                self.expect(Sign::CloseBracket)?;
                Ok(self.around(Kind::Pass, start, inner))
            }
            _ => Err(Unread),
        }
    }
}

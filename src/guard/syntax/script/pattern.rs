//! Patterns: read as the expressions that they look like, and renamed once it is known what they are.

use super::{Children, Field, Id, Kind, Parsed, Parser, Sign, Token, Unread};

impl Parser<'_> {
    /// The target of a declaration or a parameter: a name, `[a, b]` or `{a, b: c}`.
    pub(super) fn binding(&mut self) -> Parsed {
        match self.token.token {
            Token::Name | Token::Word(_) => self.leaf(Kind::Ident),
            Token::Sign(Sign::OpenBrace | Sign::OpenBracket) => {
                let target = self.within(false, false, Self::primary)?;
                self.repattern(target)?;
                Ok(target)
            }
            _ => Err(Unread),
        }
    }

    /// Renames an expression that turned out to be assigned to.
    pub(super) fn repattern(&mut self, id: Id) -> Parsed<()> {
        self.deeper(|parser| parser.renamed(id))
    }

    fn renamed(&mut self, id: Id) -> Parsed<()> {
        match self.tree.node(id).kind {
            Kind::Table => {
                self.tree.node_mut(id).kind = Kind::TablePattern;
                self.parts(id)
            }
            Kind::List => {
                self.tree.node_mut(id).kind = Kind::ListPattern;
                self.parts(id)
            }
            // The value of `key: value`.
            Kind::Pair => {
                let value = self.tree.children(id).nth(1);
                self.repattern(value.ok_or(Unread)?)
            }
            Kind::Shorthand => {
                self.tree.node_mut(id).kind = Kind::NamePattern;
                Ok(())
            }
            Kind::Assign | Kind::Spread => {
                self.tree.node_mut(id).kind = Kind::DefaultPattern;
                self.first(id)
            }
            Kind::Pass => self.first(id),
            Kind::Ident | Kind::Member | Kind::Subscript | Kind::NamePattern => Ok(()),
            Kind::DefaultPattern | Kind::ListPattern | Kind::TablePattern => Ok(()),
            // Only what is no target of anything is left.
            _ => Err(Unread),
        }
    }

    fn first(&mut self, id: Id) -> Parsed<()> {
        let target = self.tree.node(id).child;
        if target.is_none() { Err(Unread) } else { self.repattern(target) }
    }

    fn parts(&mut self, id: Id) -> Parsed<()> {
        let mut part = self.tree.node(id).child;
        while !part.is_none() {
            self.repattern(part)?;
            part = self.tree.node(part).next;
        }
        Ok(())
    }

    /// `(a, {b}, ...c)` of a function that was announced as one.
    pub(super) fn parameters(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::OpenParen)?;
        let mut children = Children::new();
        while !self.is(Sign::CloseParen) {
            let parameter = self.parameter()?;
            self.hang(&mut children, parameter, Field::None);
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        self.expect(Sign::CloseParen)?;
        Ok(self.node(Kind::Parameters, start, children))
    }

    fn parameter(&mut self) -> Parsed {
        let start = self.token;
        let mut decorators = Children::new();
        while self.is(Sign::At) {
            let decorator = self.decorator()?;
            self.hang(&mut decorators, decorator, Field::None);
        }
        let rest = self.eat(Sign::Dots)?;
        if self.mode.types {
            self.modifiers()?;
        }
        let target = self.binding()?;
        if self.mode.types {
            self.eat(Sign::Question)?;
            if self.eat(Sign::Colon)? {
                self.skip_type()?;
            }
        }
        let mut children = Children::new();
        self.hang(&mut children, target, Field::Left);
        if self.eat(Sign::Equal)? {
            let value = self.within(false, false, Self::assignment)?;
            self.hang(&mut children, value, Field::Right);
        } else if !rest {
            self.tree.node_mut(target).field = Field::None;
            if decorators.first.is_none() {
                return Ok(target);
            }
        }
        self.hang(&mut children, decorators.first, Field::None);
        Ok(self.node(Kind::DefaultPattern, start, children))
    }
}

//! Targets: read as the expressions that they look like, and renamed once it is known what they are.

use super::{Children, Field, Id, Kind, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    /// `a, (b, *c)` in front of an `in`.
    pub(super) fn targets(&mut self) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        let mut count = 0;
        let mut first = Id::NONE;
        loop {
            let at = self.token;
            let target = if self.eat(Sign::Star)? {
                let inner = self.postfix()?;
                self.around(Kind::Spread, at, inner)
            } else {
                self.postfix()?
            };
            self.retarget(target)?;
            first = if count == 0 { target } else { first };
            self.hang(&mut children, target, Field::None);
            count += 1;
            if !self.eat(Sign::Comma)? || self.is_word(Word::In) {
                break;
            }
        }
        let alone = count == 1 && self.before.token != Token::Sign(Sign::Comma);
        Ok(if alone { first } else { self.node(Kind::ListPattern, start, children) })
    }

    pub(super) fn retarget(&mut self, id: Id) -> Parsed<()> {
        self.deeper(|parser| parser.renamed(id))
    }

    fn renamed(&mut self, id: Id) -> Parsed<()> {
        match self.tree.node(id).kind {
            Kind::Ident | Kind::Member | Kind::Subscript => Ok(()),
            Kind::List => {
                self.tree.node_mut(id).kind = Kind::ListPattern;
                let mut part = self.tree.node(id).child;
                while !part.is_none() {
                    self.retarget(part)?;
                    part = self.tree.node(part).next;
                }
                Ok(())
            }
            Kind::Spread => {
                self.tree.node_mut(id).kind = Kind::DefaultPattern;
                self.inner(id)
            }
            Kind::Pass => self.inner(id),
            _ => Err(Unread),
        }
    }

    fn inner(&mut self, id: Id) -> Parsed<()> {
        let inner = self.tree.node(id).child;
        if inner.is_none() { Err(Unread) } else { self.retarget(inner) }
    }

    /// Parameters to the sign that ends them, of a `def` or a `lambda`.
    pub(super) fn parameters(&mut self, end: Sign, typed: bool) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        while !self.is(end) {
            let parameter = self.parameter(typed)?;
            self.hang(&mut children, parameter, Field::None);
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        if !self.is(end) {
            return Err(Unread);
        }
        Ok(self.tree.add(Kind::Parameters, start.start, self.token.start, start.line, children))
    }

    fn parameter(&mut self, typed: bool) -> Parsed {
        let start = self.token;
        // What stands alone only says how the others are given.
        let mark = self.eat(Sign::Star)? || self.eat(Sign::Star2)? || self.eat(Sign::Slash)?;
        if mark && !self.is_name() {
            return Ok(Id::NONE);
        }
        let mut children = Children::new();
        let name = self.name()?;
        self.hang(&mut children, name, Field::Name);
        let annotated = typed && self.eat(Sign::Colon)?;
        if annotated {
            let kind = self.annotation()?;
            self.hang(&mut children, kind, Field::None);
        }
        if self.eat(Sign::Equal)? {
            let value = self.value()?;
            self.hang(&mut children, value, Field::Value);
        } else if !annotated && !mark {
            return Ok(name);
        }
        Ok(self.node(Kind::DefaultPattern, start, children))
    }

    /// A type, which is evaluated like any value.
    pub(super) fn annotation(&mut self) -> Parsed {
        let start = self.token;
        self.eat(Sign::Star)?;
        let value = self.value()?;
        Ok(self.around(Kind::Other, start, value))
    }
}

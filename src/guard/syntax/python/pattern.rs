//! Targets: read as the expressions that they look like, and renamed once it is known what they are.

use super::{Field, Id, Kind, Parsed, Parser, Unread};

impl Parser<'_> {
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
    pub(super) fn parameters(&mut self, end: super::Sign, typed: bool) -> Parsed {
        let start = self.token;
        let mut children = super::Children::new();
        while !self.is(end) {
            let parameter = self.parameter(typed)?;
            self.hang(&mut children, parameter, Field::None);
            if !self.eat(super::Sign::Comma)? {
                break;
            }
        }
        if !self.is(end) {
            return Err(Unread);
        }
        Ok(self.tree.add(Kind::Parameters, start.start, self.token.start, start.line, children))
    }

    fn parameter(&mut self, typed: bool) -> Parsed {
        use super::{Children, Sign};
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
        self.eat(super::Sign::Star)?;
        let value = self.value()?;
        Ok(self.around(Kind::Other, start, value))
    }
}

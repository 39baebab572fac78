//! Types: read strictly and left out.
//!
//! Strictly, since whatever is taken for a type is not looked at: `a < eval(x) > (b)` is a comparison, and stays one.

use super::{Id, Kind, Parsed, Parser, Sign, Token, Unread, Word};

impl Parser<'_> {
    /// A type, with its unions, conditions and guards.
    pub(super) fn skip_type(&mut self) -> Parsed<()> {
        self.deeper(Self::one_type)
    }

    fn one_type(&mut self) -> Parsed<()> {
        if self.is_word(Word::Asserts) && matches!(self.peek()?.token, Token::Name | Token::Word(Word::This)) {
            self.step()?;
        }
        if self.is(Sign::Or) || self.is(Sign::And) {
            self.step()?;
        }
        loop {
            self.type_operand()?;
            if !(self.is(Sign::Or) || self.is(Sign::And)) {
                break;
            }
            self.step()?;
        }
        if self.is_word(Word::Is) && !self.token.fresh {
            self.step()?;
            return self.skip_type();
        }
        if self.is_word(Word::Extends) && !self.token.fresh {
            self.step()?;
            self.skip_type()?;
            // The bound of an `infer U extends X` has no condition.
            if self.eat(Sign::Question)? {
                self.skip_type()?;
                self.expect(Sign::Colon)?;
                self.skip_type()?;
            }
        }
        Ok(())
    }

    fn type_operand(&mut self) -> Parsed<()> {
        self.deeper(|parser| {
            parser.type_primary()?;
            while parser.is(Sign::OpenBracket) && !parser.token.fresh {
                parser.step()?;
                if !parser.is(Sign::CloseBracket) {
                    parser.skip_type()?;
                }
                parser.expect(Sign::CloseBracket)?;
            }
            Ok(())
        })
    }

    fn type_primary(&mut self) -> Parsed<()> {
        let token = self.token.token;
        match token {
            Token::Word(Word::Keyof | Word::Unique | Word::Infer | Word::Readonly) => {
                let next = self.peek()?.token;
                let operator = matches!(next, Token::Name | Token::Word(_) | Token::Text)
                    || matches!(next, Token::Sign(Sign::OpenBrace | Sign::OpenParen | Sign::OpenBracket));
                self.step()?;
                if operator { self.type_operand() } else { self.skip_type_arguments() }
            }
            Token::Word(Word::New | Word::Abstract) if self.word_of_constructor()? => {
                self.eat_word(Word::Abstract)?;
                self.expect_word(Word::New)?;
                self.function_type()
            }
            Token::Word(Word::Typeof) => {
                self.step()?;
                self.type_name()
            }
            Token::Word(Word::Import) => {
                self.step()?;
                self.expect(Sign::OpenParen)?;
                if self.token.token != Token::Text {
                    return Err(Unread);
                }
                self.step()?;
                self.expect(Sign::CloseParen)?;
                if self.eat(Sign::Dot)? { self.type_name() } else { Ok(()) }
            }
            Token::Word(
                Word::Function
                | Word::Class
                | Word::If
                | Word::For
                | Word::While
                | Word::Return
                | Word::Delete
                | Word::Await,
            ) => Err(Unread),
            Token::Name | Token::Word(_) => self.type_name(),
            Token::Text | Token::Number => self.step(),
            Token::Backtick => {
                // A template of types has no values that could run.
                let mark = self.tree.mark();
                let template = self.template()?;
                let literal = self.tree.node(template).kind == Kind::Literal;
                self.tree.reset(mark);
                if literal { Ok(()) } else { Err(Unread) }
            }
            Token::Sign(Sign::Minus) => {
                self.step()?;
                if self.token.token == Token::Number { self.step() } else { Err(Unread) }
            }
            Token::Sign(Sign::OpenBrace) => self.type_members(),
            Token::Sign(Sign::OpenBracket) => self.tuple(),
            Token::Sign(Sign::Less) => self.function_type(),
            Token::Sign(Sign::OpenParen) => self.type_in_parentheses(),
            _ => Err(Unread),
        }
    }

    fn word_of_constructor(&mut self) -> Parsed<bool> {
        let next = self.peek()?.token;
        Ok(matches!(next, Token::Sign(Sign::OpenParen | Sign::Less) | Token::Word(Word::New)))
    }

    /// `a.b.C<D>`.
    pub(super) fn type_name(&mut self) -> Parsed<()> {
        loop {
            if !self.is_name() && self.token.token != Token::PrivateName {
                return Err(Unread);
            }
            self.step()?;
            if !self.is(Sign::Dot) {
                break;
            }
            self.step()?;
        }
        if self.token.fresh { Ok(()) } else { self.skip_type_arguments() }
    }

    /// `<A, B>`, when there are any.
    pub(super) fn skip_type_arguments(&mut self) -> Parsed<()> {
        if !self.is(Sign::Less) {
            return Ok(());
        }
        self.step()?;
        loop {
            self.skip_type()?;
            if !self.eat(Sign::Comma)? {
                return self.close_angle();
            }
        }
    }

    /// One `>`, which may be the beginning of a longer sign.
    fn close_angle(&mut self) -> Parsed<()> {
        match self.token.token {
            Token::Sign(Sign::More) => self.step(),
            Token::Sign(Sign::Right | Sign::Right3 | Sign::MoreEqual | Sign::RightEqual | Sign::Right3Equal) => {
                self.lexer.at = self.token.start as usize + 1;
                self.token.end = self.token.start + 1;
                self.step()
            }
            _ => Err(Unread),
        }
    }

    /// `<A extends B = C>`, when there are any.
    pub(super) fn skip_type_parameters(&mut self) -> Parsed<()> {
        if !self.eat(Sign::Less)? {
            return Ok(());
        }
        loop {
            while self.is_word(Word::Const) || self.is_word(Word::In) {
                self.step()?;
            }
            if !self.is_name() {
                return self.close_angle();
            }
            self.step()?;
            if self.eat_word(Word::Extends)? {
                self.skip_type()?;
            }
            if self.eat(Sign::Equal)? {
                self.skip_type()?;
            }
            if !self.eat(Sign::Comma)? {
                return self.close_angle();
            }
        }
    }

    /// `<T>(a: A) => B`.
    fn function_type(&mut self) -> Parsed<()> {
        self.skip_type_parameters()?;
        self.type_parameters_list()?;
        self.expect(Sign::Arrow)?;
        self.skip_type()
    }

    /// `(a: A, b?: B, ...c: C)`: names and types only.
    fn type_parameters_list(&mut self) -> Parsed<()> {
        self.expect(Sign::OpenParen)?;
        while !self.is(Sign::CloseParen) {
            self.eat(Sign::Dots)?;
            let mark = self.tree.mark();
            // A pattern without values, as `{ a, b }`.
            let target = self.binding()?;
            let plain = self.is_plain(target);
            self.tree.reset(mark);
            if !plain {
                return Err(Unread);
            }
            self.eat(Sign::Question)?;
            if self.eat(Sign::Colon)? {
                self.skip_type()?;
            }
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        self.expect(Sign::CloseParen)
    }

    /// Whether a pattern has names only, and nothing that would run.
    fn is_plain(&self, id: Id) -> bool {
        match self.tree.node(id).kind {
            Kind::Ident | Kind::NamePattern | Kind::Property => true,
            Kind::ListPattern | Kind::TablePattern | Kind::Pair => {
                self.tree.children(id).all(|part| self.is_plain(part))
            }
            _ => false,
        }
    }

    /// `(A)` or `(a: A) => B`: the latter is tried first.
    fn type_in_parentheses(&mut self) -> Parsed<()> {
        let place = self.place();
        if self.function_type().is_ok() {
            return Ok(());
        }
        self.back(place);
        self.expect(Sign::OpenParen)?;
        self.skip_type()?;
        self.expect(Sign::CloseParen)
    }

    /// `[A, b: B, ...C[], D?]`.
    fn tuple(&mut self) -> Parsed<()> {
        self.expect(Sign::OpenBracket)?;
        while !self.is(Sign::CloseBracket) {
            self.eat(Sign::Dots)?;
            if self.is_name() && matches!(self.peek()?.token, Token::Sign(Sign::Colon | Sign::Question)) {
                self.step()?;
                self.eat(Sign::Question)?;
                if self.eat(Sign::Colon)? {
                    self.skip_type()?;
                }
            } else {
                self.skip_type()?;
                self.eat(Sign::Question)?;
            }
            if !self.eat(Sign::Comma)? {
                break;
            }
        }
        self.expect(Sign::CloseBracket)
    }

    /// `{ a: A; b?(c: C): D; readonly [key: string]: E }`.
    pub(super) fn type_members(&mut self) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.is(Sign::CloseBrace) {
            self.deeper(Self::type_member)?;
            if !self.eat(Sign::Semicolon)? && !self.eat(Sign::Comma)? && !self.is(Sign::CloseBrace) && !self.token.fresh
            {
                return Err(Unread);
            }
        }
        self.step()
    }

    pub(super) fn type_member(&mut self) -> Parsed<()> {
        if self.is(Sign::Plus) || self.is(Sign::Minus) {
            self.step()?;
        }
        while matches!(self.token.token, Token::Word(Word::Readonly | Word::Get | Word::Set | Word::New)) {
            let next = self.peek()?.token;
            let names = matches!(next, Token::Name | Token::Word(_) | Token::Text | Token::Sign(Sign::OpenBracket));
            if !(names || self.is_word(Word::New) && matches!(next, Token::Sign(Sign::OpenParen | Sign::Less))) {
                break;
            }
            self.step()?;
        }
        match self.token.token {
            Token::Sign(Sign::OpenBracket) => {
                self.step()?;
                if self.is_name() && matches!(self.peek()?.token, Token::Sign(Sign::Colon) | Token::Word(Word::In)) {
                    self.step()?;
                    self.step()?;
                }
                self.skip_type()?;
                if self.eat_word(Word::As)? {
                    self.skip_type()?;
                }
                self.expect(Sign::CloseBracket)?;
            }
            Token::Name | Token::Word(_) | Token::Text | Token::Number | Token::PrivateName => self.step()?,
            Token::Sign(Sign::OpenParen | Sign::Less) => {}
            _ => return Err(Unread),
        }
        if self.is(Sign::Plus) || self.is(Sign::Minus) {
            self.step()?;
        }
        self.eat(Sign::Question)?;
        if self.is(Sign::Less) || self.is(Sign::OpenParen) {
            self.skip_type_parameters()?;
            self.type_parameters_list()?;
        }
        if self.eat(Sign::Colon)? { self.skip_type() } else { Ok(()) }
    }
}

//! Types: read strictly and left out.
//!
//! Strictly, since whatever is taken for a type is not looked at: `a < eval(x) > (b)` is a comparison, and stays one.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

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
    fn type_name(&mut self) -> Parsed<()> {
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
        self.back(&place);
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

    fn type_member(&mut self) -> Parsed<()> {
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

    /// `f<T>(x)`: passes the `<T>`, or nothing where it is a comparison.
    pub(super) fn type_arguments_of_call(&mut self) -> Parsed<bool> {
        let place = self.place();
        let read = self.skip_type_arguments();
        let called = matches!(self.token.token, Token::Sign(Sign::OpenParen) | Token::Backtick);
        if read.is_ok() && called {
            return Ok(true);
        }
        self.back(&place);
        Ok(false)
    }

    /// `): T =>` behind what may be parameters.
    pub(super) fn arrow_type(&mut self) -> Parsed<bool> {
        let place = self.place();
        self.step()?;
        if self.skip_type().is_ok() && self.is(Sign::Arrow) {
            return Ok(true);
        }
        self.back(&place);
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
        self.back(&place);
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
        self.back(&place);
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

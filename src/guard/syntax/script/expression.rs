//! Expressions: from the loosest binding to the tightest.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word, place};

impl<'s> Parser<'s> {
    /// `a, b`.
    pub(super) fn expression(&mut self) -> Parsed {
        let first = self.assignment()?;
        if !self.is(Sign::Comma) {
            return Ok(first);
        }
        let mut children = Children::new();
        self.hang(&mut children, first, Field::None);
        while self.eat(Sign::Comma)? {
            let next = self.assignment()?;
            self.hang(&mut children, next, Field::None);
        }
        Ok(self.over(Kind::Last, first, children))
    }

    /// All but `a, b`.
    pub(super) fn assignment(&mut self) -> Parsed {
        self.deeper(Self::assigned)
    }

    fn assigned(&mut self) -> Parsed {
        if let Some(arrow) = self.arrow_of_one()? {
            return Ok(arrow);
        }
        if self.is_word(Word::Yield) {
            return self.yielded();
        }
        let left = self.condition()?;
        let Token::Sign(sign) = self.token.token else { return Ok(left) };
        let kind = match sign {
            Sign::Equal => Kind::Assign,
            Sign::PlusEqual | Sign::MinusEqual | Sign::StarEqual | Sign::Star2Equal | Sign::SlashEqual => Kind::Augment,
            Sign::PercentEqual | Sign::LeftEqual | Sign::RightEqual | Sign::Right3Equal => Kind::Augment,
            Sign::AndEqual | Sign::OrEqual | Sign::XorEqual => Kind::Augment,
            Sign::And2Equal | Sign::Or2Equal | Sign::Question2Equal => Kind::Augment,
            _ => return Ok(left),
        };
        let mut children = Children::new();
        if kind == Kind::Assign {
            self.repattern(left)?;
            self.step()?;
            self.hang(&mut children, left, Field::Left);
        } else {
            self.hang(&mut children, left, Field::Left);
            let operator = self.leaf(Kind::Operator)?;
            self.hang(&mut children, operator, Field::Operator);
        }
        let right = self.assignment()?;
        self.hang(&mut children, right, Field::Right);
        Ok(self.over(kind, left, children))
    }

    /// `x => …` and `async x => …`.
    fn arrow_of_one(&mut self) -> Parsed<Option<Id>> {
        let start = self.token;
        if !self.is_name() {
            return Ok(None);
        }
        // One look at the source is cheaper than a token.
        let rest = self.lexer.source.as_bytes().get(self.lexer.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let ahead = &rest[blanks..];
        if ahead.starts_with(b"=>") {
            let parameter = self.leaf(Kind::Ident)?;
            return self.arrow(start, parameter, Field::Parameter).map(Some);
        }
        if self.is_word(Word::Async) && ahead.first().is_some_and(|byte| super::lexer::is_name_start(*byte)) {
            let name = self.peek()?;
            if !name.fresh
                && matches!(name.token, Token::Name | Token::Word(_))
                && !matches!(name.token, Token::Word(Word::Function))
            {
                self.step()?;
                let parameter = self.leaf(Kind::Ident)?;
                return self.arrow(start, parameter, Field::Parameter).map(Some);
            }
        }
        Ok(None)
    }

    /// From the `=>` on.
    pub(super) fn arrow(&mut self, start: Lexed, parameters: Id, field: Field) -> Parsed {
        if self.token.fresh {
            return Err(Unread);
        }
        self.expect(Sign::Arrow)?;
        let mut children = Children::new();
        self.hang(&mut children, parameters, field);
        let no_in = self.no_in;
        let body = if self.is(Sign::OpenBrace) {
            self.within(false, false, Self::block)?
        } else {
            self.within(no_in, self.consequence, Self::assignment)?
        };
        self.hang(&mut children, body, Field::Body);
        Ok(self.node(Kind::Function, start, children))
    }

    fn yielded(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        let ends = self.token.fresh
            || matches!(
                self.token.token,
                Token::End
                    | Token::Word(Word::In | Word::Of)
                    | Token::Sign(
                        Sign::CloseParen
                            | Sign::CloseBracket
                            | Sign::CloseBrace
                            | Sign::Comma
                            | Sign::Semicolon
                            | Sign::Colon
                    )
            );
        if !ends {
            self.eat(Sign::Star)?;
            let value = self.assignment()?;
            self.hang(&mut children, value, Field::None);
        }
        Ok(self.node(Kind::Exit, start, children))
    }

    /// `a ? b : c`.
    fn condition(&mut self) -> Parsed {
        let test = self.binary(0)?;
        if !self.is(Sign::Question) || self.is_optional_mark()? {
            return Ok(test);
        }
        self.step()?;
        let no_in = self.no_in;
        let yes = self.within(false, true, Self::assignment)?;
        self.expect(Sign::Colon)?;
        let no = self.within(no_in, self.consequence, Self::assignment)?;
        let mut children = Children::new();
        self.hang(&mut children, test, Field::Condition);
        self.hang(&mut children, yes, Field::None);
        self.hang(&mut children, no, Field::None);
        Ok(self.over(Kind::Choice, test, children))
    }

    /// Whether the `?` is that of an optional parameter: `(a?: T)`.
    fn is_optional_mark(&mut self) -> Parsed<bool> {
        if !self.extras.types {
            return Ok(false);
        }
        let next = self.peek()?.token;
        Ok(matches!(next, Token::Sign(Sign::Colon | Sign::Comma | Sign::CloseParen | Sign::Equal)))
    }

    /// Operators between two sides, by how tightly they bind.
    fn binary(&mut self, least: u8) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let Some(power) = self.power() else { return Ok(left) };
            if power < least || power == 0 {
                return Ok(left);
            }
            if power == POWER_OF_AS {
                self.step()?;
                self.skip_type()?;
                left = self.pass_over(left);
                continue;
            }
            let mut children = Children::new();
            self.hang(&mut children, left, Field::Left);
            let operator = self.leaf(Kind::Operator)?;
            self.hang(&mut children, operator, Field::Operator);
            // Powers are taken from the right.
            let next = if power == POWER_MAX { power } else { power + 1 };
            let right = self.deeper(|parser| parser.binary(next))?;
            self.hang(&mut children, right, Field::Right);
            left = self.over(Kind::Binary, left, children);
        }
    }

    fn pass_over(&mut self, inner: Id) -> Id {
        let mut children = Children::new();
        self.hang(&mut children, inner, Field::None);
        self.over(Kind::Pass, inner, children)
    }

    fn power(&self) -> Option<u8> {
        let sign = match self.token.token {
            Token::Sign(sign) => sign,
            Token::Word(Word::InstanceOf) => return Some(8),
            Token::Word(Word::In) if !self.no_in => return Some(8),
            Token::Word(Word::As | Word::Satisfies) if self.extras.types && !self.token.fresh => {
                return Some(POWER_OF_AS);
            }
            _ => return None,
        };
        Some(match sign {
            Sign::Question2 | Sign::Or2 => 1,
            Sign::And2 => 2,
            Sign::Or => 3,
            Sign::Xor => 4,
            Sign::And => 5,
            Sign::Equal2 | Sign::NotEqual | Sign::Equal3 | Sign::NotEqual2 => 6,
            Sign::Less | Sign::More | Sign::LessEqual | Sign::MoreEqual => 8,
            Sign::Left | Sign::Right | Sign::Right3 => 9,
            Sign::Plus | Sign::Minus => 10,
            Sign::Star | Sign::Slash | Sign::Percent => 11,
            Sign::Star2 => POWER_MAX,
            _ => return None,
        })
    }

    fn unary(&mut self) -> Parsed {
        let start = self.token;
        match start.token {
            Token::Sign(Sign::Not | Sign::Tilde | Sign::Plus | Sign::Minus)
            | Token::Word(Word::Typeof | Word::Void | Word::Delete) => {
                let mut children = Children::new();
                let operator = self.leaf(Kind::Operator)?;
                self.hang(&mut children, operator, Field::Operator);
                let inner = self.deeper(Self::unary)?;
                self.hang(&mut children, inner, Field::None);
                Ok(self.node(Kind::Unary, start, children))
            }
            Token::Sign(Sign::Plus2 | Sign::Minus2) => {
                self.step()?;
                let inner = self.deeper(Self::unary)?;
                Ok(self.around(Kind::Other, start, inner))
            }
            Token::Word(Word::Await) if self.waits()? => {
                self.step()?;
                let inner = self.deeper(Self::unary)?;
                Ok(self.around(Kind::Await, start, inner))
            }
            Token::Sign(Sign::Less) if self.extras.types && !self.extras.markup => self.type_first(),
            _ => {
                let inner = self.postfix()?;
                if matches!(self.token.token, Token::Sign(Sign::Plus2 | Sign::Minus2)) && !self.token.fresh {
                    self.step()?;
                    return Ok(self.around(Kind::Other, start, inner));
                }
                Ok(inner)
            }
        }
    }

    /// Whether `await` is the operator: something that it could wait for follows.
    fn waits(&mut self) -> Parsed<bool> {
        Ok(match self.peek()?.token {
            Token::Name | Token::PrivateName | Token::Number | Token::Text | Token::Backtick => true,
            Token::Word(word) => !matches!(word, Word::In | Word::Of | Word::InstanceOf | Word::As),
            Token::Sign(sign) => matches!(
                sign,
                Sign::OpenParen | Sign::OpenBracket | Sign::OpenBrace | Sign::Not | Sign::Slash | Sign::Less
            ),
            Token::End => false,
        })
    }

    /// Members, calls and templates behind something.
    fn postfix(&mut self) -> Parsed {
        let start = self.token;
        let primary = if self.is_word(Word::New) { self.new_object()? } else { self.primary()? };
        // An arrow function ends where its body does.
        if self.tree.node(primary).kind == Kind::Function
            && start.token != Token::Word(Word::Function)
            && !self.is_async_function(start)
        {
            return Ok(primary);
        }
        self.suffixes(start, primary, true)
    }

    fn is_async_function(&self, start: Lexed) -> bool {
        start.token == Token::Word(Word::Async)
            && self.lexer.source.get(start.end as usize..).is_some_and(|rest| rest.trim_start().starts_with("function"))
    }

    pub(super) fn suffixes(&mut self, start: Lexed, first: Id, calls: bool) -> Parsed {
        let mut value = first;
        loop {
            match self.token.token {
                Token::Sign(Sign::Dot) => {
                    self.step()?;
                    value = self.member(start, value)?;
                }
                Token::Sign(Sign::Optional) if calls => {
                    self.step()?;
                    match self.token.token {
                        Token::Sign(Sign::OpenParen) => value = self.call(start, value)?,
                        Token::Sign(Sign::OpenBracket) => value = self.element(start, value)?,
                        _ => value = self.member(start, value)?,
                    }
                }
                Token::Sign(Sign::OpenBracket) => value = self.element(start, value)?,
                Token::Sign(Sign::OpenParen) if calls => {
                    let called = self.call(start, value)?;
                    let is_async = start.token == Token::Word(Word::Async) && self.tree.node(value).kind == Kind::Ident;
                    if is_async && self.is_arrow_next()? {
                        return self.async_arrow(start, called);
                    }
                    value = called;
                }
                Token::Backtick => {
                    let mut children = Children::new();
                    self.hang(&mut children, value, Field::Function);
                    let template = self.template()?;
                    self.hang(&mut children, template, Field::Arguments);
                    value = self.node(Kind::Call, start, children);
                }
                Token::Sign(Sign::Not) if self.extras.types && !self.token.fresh => {
                    self.step()?;
                    value = self.around(Kind::Pass, start, value);
                }
                Token::Sign(Sign::Less | Sign::Left) if self.extras.types => {
                    if !self.type_arguments_of_call()? {
                        return Ok(value);
                    }
                }
                _ => return Ok(value),
            }
        }
    }

    fn member(&mut self, start: Lexed, object: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, object, Field::Object);
        let property = match self.token.token {
            Token::Name | Token::Word(_) | Token::PrivateName => self.leaf(Kind::Property)?,
            _ => return Err(Unread),
        };
        self.hang(&mut children, property, Field::Property);
        Ok(self.node(Kind::Member, start, children))
    }

    fn element(&mut self, start: Lexed, object: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, object, Field::Object);
        self.expect(Sign::OpenBracket)?;
        let index = self.within(false, false, Self::expression)?;
        self.expect(Sign::CloseBracket)?;
        self.hang(&mut children, index, Field::Index);
        Ok(self.node(Kind::Subscript, start, children))
    }

    fn call(&mut self, start: Lexed, function: Id) -> Parsed {
        let mut children = Children::new();
        self.hang(&mut children, function, Field::Function);
        let arguments = self.arguments()?;
        self.hang(&mut children, arguments, Field::Arguments);
        Ok(self.node(Kind::Call, start, children))
    }

    fn arguments(&mut self) -> Parsed {
        let start = self.token;
        self.expect(Sign::OpenParen)?;
        let children = self.list(Sign::CloseParen)?;
        Ok(self.node(Kind::Arguments, start, children))
    }

    /// Elements to the closing sign, with `...` and holes.
    fn list(&mut self, close: Sign) -> Parsed<Children> {
        let mut children = Children::new();
        loop {
            while self.is(Sign::Comma) && close == Sign::CloseBracket {
                self.step()?;
            }
            if self.eat(close)? {
                return Ok(children);
            }
            let element = self.within(false, false, Self::spread_or_value)?;
            self.hang(&mut children, element, Field::None);
            // Parameters of an arrow function may have types: `async (a: T) => …`.
            if self.extras.types && close == Sign::CloseParen && !self.is(Sign::Comma) && !self.is(close) {
                self.parameter_type(element)?;
            }
            if !self.is(close) {
                self.expect(Sign::Comma)?;
            }
        }
    }

    fn spread_or_value(&mut self) -> Parsed {
        let start = self.token;
        if self.eat(Sign::Dots)? {
            let inner = self.assignment()?;
            return Ok(self.around(Kind::Spread, start, inner));
        }
        self.assignment()
    }

    fn new_object(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        if self.is(Sign::Dot) {
            self.step()?;
            self.step()?;
            return Ok(self.node(Kind::This, start, Children::new()));
        }
        let inner_start = self.token;
        let inner = if self.is_word(Word::New) { self.deeper(Self::new_object)? } else { self.deeper(Self::primary)? };
        let constructor = self.suffixes(inner_start, inner, false)?;
        let mut children = Children::new();
        self.hang(&mut children, constructor, Field::Function);
        if self.is(Sign::OpenParen) {
            let arguments = self.arguments()?;
            self.hang(&mut children, arguments, Field::Arguments);
        }
        Ok(self.node(Kind::New, start, children))
    }

    pub(super) fn primary(&mut self) -> Parsed {
        let start = self.token;
        match start.token {
            Token::Name => self.leaf(Kind::Ident),
            Token::Number => self.leaf(Kind::Number),
            Token::Text => self.leaf(Kind::Literal),
            Token::Backtick => self.template(),
            Token::PrivateName => self.leaf(Kind::Property),
            Token::Word(word) => self.word(word),
            Token::Sign(Sign::OpenParen) => self.parenthesised(),
            Token::Sign(Sign::OpenBracket) => {
                self.step()?;
                let children = self.list(Sign::CloseBracket)?;
                Ok(self.node(Kind::List, start, children))
            }
            Token::Sign(Sign::OpenBrace) => self.within(false, false, Self::object),
            Token::Sign(Sign::Slash | Sign::SlashEqual) => {
                (self.lexer.at, self.lexer.line) = (start.start as usize, start.line);
                self.lexer.regex()?;
                self.token.end = place(self.lexer.at);
                self.leaf(Kind::Regex)
            }
            Token::Sign(Sign::Less) if self.extras.markup => self.markup_or_arrow(),
            Token::Sign(Sign::At) => {
                let mut children = Children::new();
                while self.is(Sign::At) {
                    let decorator = self.decorator()?;
                    self.hang(&mut children, decorator, Field::None);
                }
                let class = self.class(Kind::Other)?;
                self.hang(&mut children, class, Field::None);
                Ok(self.node(Kind::Other, start, children))
            }
            Token::Sign(_) | Token::End => Err(Unread),
        }
    }

    fn word(&mut self, word: Word) -> Parsed {
        let start = self.token;
        match word {
            Word::This | Word::Super => self.leaf(Kind::This),
            Word::Null | Word::True | Word::False | Word::Undefined => self.leaf(Kind::Constant),
            Word::Function => self.function(start),
            Word::Class => self.class(Kind::Other),
            Word::Import => {
                self.step()?;
                if self.eat(Sign::Dot)? {
                    self.step()?;
                }
                Ok(self.node(Kind::This, start, Children::new()))
            }
            Word::Async => {
                let next = self.peek()?;
                if next.token == Token::Word(Word::Function) && !next.fresh {
                    self.step()?;
                    return self.function(start);
                }
                self.leaf(Kind::Ident)
            }
            Word::Var
            | Word::Const
            | Word::If
            | Word::Else
            | Word::For
            | Word::While
            | Word::Do
            | Word::Return
            | Word::Break
            | Word::Continue
            | Word::Throw
            | Word::Try
            | Word::Catch
            | Word::Finally
            | Word::Switch
            | Word::Case
            | Word::Default
            | Word::Export
            | Word::New
            | Word::Delete
            | Word::Typeof
            | Word::Void
            | Word::In
            | Word::InstanceOf
            | Word::Extends
            | Word::With
            | Word::Debugger
            | Word::Enum => Err(Unread),
            _ => self.leaf(Kind::Ident),
        }
    }

    /// `( … )`: a value, or the parameters of an arrow function.
    fn parenthesised(&mut self) -> Parsed {
        let start = self.token;
        let consequence = self.consequence;
        self.step()?;
        let mut children = Children::new();
        let (mut count, mut typed, mut trailing) = (0, false, false);
        while !self.is(Sign::CloseParen) {
            let part = self.within(false, false, Self::spread_or_value)?;
            self.hang(&mut children, part, Field::None);
            count += 1;
            typed |= self.tree.node(part).kind == Kind::Spread;
            if self.extras.types && !self.is(Sign::Comma) && !self.is(Sign::CloseParen) {
                self.parameter_type(part)?;
                typed = true;
            }
            trailing = self.eat(Sign::Comma)?;
            if !trailing {
                break;
            }
        }
        self.expect(Sign::CloseParen)?;
        let end = self.before;
        let given = self.extras.types && self.is(Sign::Colon) && (!consequence || typed || count == 0);
        if given && self.arrow_type()? || self.is_arrow_next()? {
            let list = self.tree.add(Kind::Parameters, start.start, end.end, start.line, children);
            let mut part = children.first;
            while !part.is_none() {
                self.repattern(part)?;
                part = self.tree.node(part).next;
            }
            return self.arrow(start, list, Field::None);
        }
        if typed || trailing || count == 0 {
            return Err(Unread);
        }
        if count == 1 {
            return Ok(self.node(Kind::Pass, start, children));
        }
        let (first, last) = (self.tree.node(children.first), self.before);
        let (at, line) = (first.start, first.line);
        let inner = self.tree.add(Kind::Last, at, last.start, line, children);
        Ok(self.around(Kind::Pass, start, inner))
    }

    fn is_arrow_next(&self) -> Parsed<bool> {
        Ok(self.is(Sign::Arrow) && !self.token.fresh)
    }

    /// `async(a, b)` was no call.
    fn async_arrow(&mut self, start: Lexed, call: Id) -> Parsed {
        let list = self.tree.children(call).nth(1).ok_or(Unread)?;
        self.tree.node_mut(list).kind = Kind::Parameters;
        let mut part = self.tree.node(list).child;
        while !part.is_none() {
            self.repattern(part)?;
            part = self.tree.node(part).next;
        }
        self.arrow(start, list, Field::None)
    }

    fn object(&mut self) -> Parsed {
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
            Token::Sign(Sign::Less) if self.extras.types => self.method(start, key),
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

    pub(super) fn template(&mut self) -> Parsed {
        let start = self.token;
        let mut children = Children::new();
        // Behind the backtick, whatever the lexer has read since.
        (self.lexer.at, self.lexer.line) = (start.end as usize, start.line);
        loop {
            let (from, line) = (self.lexer.at, self.lexer.line);
            let last = self.lexer.template()?;
            let end = self.lexer.at;
            if last && children.first.is_none() {
                self.token.end = place(end + 1);
                self.lexer.at = end + 1;
                return self.leaf(Kind::Literal);
            }
            if end > from {
                let chunk = self.tree.add(Kind::Chunk, place(from), place(end), line, Children::new());
                self.hang(&mut children, chunk, Field::None);
            }
            if last {
                self.lexer.at = end + 1;
                self.token = Lexed { end: place(end + 1), line: start.line, ..start };
                self.step()?;
                return Ok(self.node(Kind::Text, start, children));
            }
            let opening = Lexed { start: place(end), line: self.lexer.line, ..start };
            self.lexer.at = end + 2;
            self.step()?;
            let inner = self.within(false, false, Self::expression)?;
            if !self.is(Sign::CloseBrace) {
                return Err(Unread);
            }
            (self.lexer.at, self.lexer.line) = (self.token.end as usize, self.token.line);
            self.before = self.token;
            let part = self.around(Kind::Pass, opening, inner);
            self.hang(&mut children, part, Field::None);
        }
    }
}

/// How tightly `**` binds.
const POWER_MAX: u8 = 12;
/// `as` and `satisfies`, which stand with the comparisons.
const POWER_OF_AS: u8 = 7;

//! Expressions: from the loosest binding to the tightest operator.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word};

/// How tightly `**` binds.
const POWER_MAX: u8 = 12;
/// `as` and `satisfies`, which stand with the comparisons.
const POWER_OF_AS: u8 = 7;

impl Parser<'_> {
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
        let no_in = self.mode.no_in;
        let body = if self.is(Sign::OpenBrace) {
            self.within(false, false, Self::block)?
        } else {
            self.within(no_in, self.mode.consequence, Self::assignment)?
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
        let no_in = self.mode.no_in;
        let yes = self.within(false, true, Self::assignment)?;
        self.expect(Sign::Colon)?;
        let no = self.within(no_in, self.mode.consequence, Self::assignment)?;
        let mut children = Children::new();
        self.hang(&mut children, test, Field::Condition);
        self.hang(&mut children, yes, Field::None);
        self.hang(&mut children, no, Field::None);
        Ok(self.over(Kind::Choice, test, children))
    }

    /// Whether the `?` is that of an optional parameter: `(a?: T)`.
    fn is_optional_mark(&mut self) -> Parsed<bool> {
        if !self.mode.types {
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
            Token::Word(Word::In) if !self.mode.no_in => return Some(8),
            Token::Word(Word::As | Word::Satisfies) if self.mode.types && !self.token.fresh => {
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
            Token::Sign(Sign::Less) if self.mode.types && !self.mode.markup => self.type_first(),
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
}

//! Values that stand alone: names, literals, brackets, templates.

use super::{Children, Field, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word, place};

impl Parser<'_> {
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
            Token::Sign(Sign::Less) if self.mode.markup => self.markup_or_arrow(),
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
        let consequence = self.mode.consequence;
        self.step()?;
        let mut children = Children::new();
        let (mut count, mut typed, mut trailing) = (0, false, false);
        while !self.is(Sign::CloseParen) {
            let part = self.within(false, false, Self::spread_or_value)?;
            self.hang(&mut children, part, Field::None);
            count += 1;
            typed |= self.tree.node(part).kind == Kind::Spread;
            if self.mode.types && !self.is(Sign::Comma) && !self.is(Sign::CloseParen) {
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
        let given = self.mode.types && self.is(Sign::Colon) && (!consequence || typed || count == 0);
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

    pub(super) fn is_arrow_next(&self) -> Parsed<bool> {
        Ok(self.is(Sign::Arrow) && !self.token.fresh)
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

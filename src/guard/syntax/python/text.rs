//! Texts with values in them: `f"{a!r:>{width}} b"`.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, place};

/// How a text ends.
#[derive(Clone, Copy)]
struct Quotes {
    quote: u8,
    long: bool,
    /// It begins with an `r`: backslashes are backslashes.
    raw: bool,
}

/// Why the reading of plain text stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Quotes,
    Open,
    Close,
}

impl Parser<'_> {
    pub(super) fn format(&mut self) -> Parsed {
        self.deeper(Self::formatted)
    }

    fn formatted(&mut self) -> Parsed {
        let start = self.token;
        let opening = &self.lexer.source.as_bytes()[start.start as usize..start.end as usize];
        let quotes = Quotes {
            quote: opening.last().copied().unwrap_or(b'"'),
            long: opening.len() >= 3 && opening[opening.len() - 2] == opening[opening.len() - 1],
            raw: opening.iter().any(|byte| matches!(byte, b'r' | b'R')),
        };
        let mut children = Children::new();
        // The lexer has not gone on behind the opening quotes, and does so only at the end.
        loop {
            let (from, line) = (self.lexer.at, self.lexer.line);
            let stop = self.plain(quotes, false)?;
            let end = self.lexer.at;
            if end > from {
                let kind = if quotes.raw { Kind::RawChunk } else { Kind::Chunk };
                let chunk = self.tree.add(kind, place(from), place(end), line, Children::new());
                self.hang(&mut children, chunk, Field::None);
            }
            match stop {
                Stop::Quotes => break,
                Stop::Open => self.inserted(quotes, &mut children)?,
                Stop::Close => return Err(Unread),
            }
        }
        self.lexer.at += if quotes.long { 3 } else { 1 };
        self.token.end = place(self.lexer.at);
        self.step()?;
        Ok(self.node(Kind::Text, start, children))
    }

    /// Passes plain text to its end, or to a brace that is not doubled.
    fn plain(&mut self, quotes: Quotes, format: bool) -> Parsed<Stop> {
        loop {
            let byte = self.lexer.byte(0);
            match byte {
                0 if self.lexer.at >= self.lexer.source.len() => return Err(Unread),
                b'\\' if quotes.raw => self.lexer.at += 1 + usize::from(self.lexer.byte(1) == quotes.quote),
                // `\N{DASH}` is one character, with braces of its own.
                b'\\' if self.lexer.byte(1) == b'N' && self.lexer.byte(2) == b'{' => return Err(Unread),
                b'\\' => self.lexer.escaped()?,
                b'\n' if !quotes.long => return Err(Unread),
                b'\n' => (self.lexer.at, self.lexer.line) = (self.lexer.at + 1, self.lexer.line + 1),
                b'{' if !format && self.lexer.byte(1) == b'{' => self.lexer.at += 2,
                b'}' if !format && self.lexer.byte(1) == b'}' => self.lexer.at += 2,
                b'{' => return Ok(Stop::Open),
                b'}' => return Ok(Stop::Close),
                _ if byte == quotes.quote => {
                    let ends = !quotes.long || self.lexer.byte(1) == byte && self.lexer.byte(2) == byte;
                    if ends {
                        return Ok(Stop::Quotes);
                    }
                    self.lexer.at += 1;
                }
                _ => self.lexer.at += 1,
            }
        }
    }

    /// `{value!r:format}`, from its brace on.
    fn inserted(&mut self, quotes: Quotes, children: &mut Children) -> Parsed<()> {
        let opening = Lexed {
            token: Token::Sign(Sign::OpenBrace),
            start: place(self.lexer.at),
            end: place(self.lexer.at + 1),
            line: self.lexer.line,
            fresh: false,
        };
        self.lexer.at += 1;
        // In braces, lines do not count; the lexer closes the bracket when it meets the brace.
        self.lexer.brackets += 1;
        self.token = opening;
        self.step()?;
        let value = self.values()?;
        self.eat(Sign::Equal)?;
        if self.eat(Sign::Not)? {
            self.name()?;
        }
        let part = self.around(Kind::Pass, opening, value);
        self.hang(children, part, Field::None);
        if self.is(Sign::CloseBrace) {
            (self.lexer.at, self.lexer.line) = (self.token.end as usize, self.token.line);
            return Ok(());
        }
        if !self.is(Sign::Colon) {
            return Err(Unread);
        }
        (self.lexer.at, self.lexer.line) = (self.token.end as usize, self.token.line);
        loop {
            match self.plain(quotes, true)? {
                Stop::Close => break,
                Stop::Open => self.deeper(|parser| parser.width(quotes, children))?,
                Stop::Quotes => return Err(Unread),
            }
        }
        self.lexer.at += 1;
        self.lexer.brackets = self.lexer.brackets.checked_sub(1).ok_or(Unread)?;
        Ok(())
    }

    /// A value in a format: its text is no part of the whole.
    fn width(&mut self, quotes: Quotes, children: &mut Children) -> Parsed<()> {
        let start = self.token;
        let mut inner = Children::new();
        self.inserted(quotes, &mut inner)?;
        let id: Id = self.tree.add(Kind::Block, start.start, place(self.lexer.at), start.line, inner);
        self.hang(children, id, Field::None);
        Ok(())
    }
}

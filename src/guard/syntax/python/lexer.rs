//! Tokens of Python: blanks at the beginning of a line are tokens, too.

use crate::guard::syntax::{
    Unread,
    parser::{self, Parsed, end_of_number, place},
    vocabulary::{Signs, Words, vocabulary},
};

pub(super) type Lexed = parser::Lexed<Token>;

/// Levels of indentation.
const LEVELS_MAX: usize = 120;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    NewLine,
    Indent,
    Dedent,
    Name,
    Word(Word),
    Number,
    /// A literal with its prefix and quotes; the lexer stands behind it.
    Text,
    /// One with values in it: the lexer stands behind the opening quotes.
    Format,
    Sign(Sign),
}

vocabulary! { Word:
    False "False" None "None" True "True" And "and" As "as" Assert "assert" Async "async" Await "await" Break "break"
    Class "class" Continue "continue" Def "def" Del "del" Elif "elif" Else "else" Except "except" Finally "finally"
    For "for" From "from" Global "global" If "if" Import "import" In "in" Is "is" Lambda "lambda" Nonlocal "nonlocal"
    Not "not" Or "or" Pass "pass" Raise "raise" Return "return" Try "try" While "while" With "with" Yield "yield"
    Match "match" Case "case" Type "type"
}

vocabulary! { Sign:
    OpenParen "(" CloseParen ")" OpenBracket "[" CloseBracket "]" OpenBrace "{" CloseBrace "}" Dot "." Dots "..."
    Comma "," Colon ":" Semicolon ";" At "@" Equal "=" Walrus ":=" Arrow "->" Plus "+" Minus "-" Star "*" Star2 "**"
    Slash "/" Slash2 "//" Percent "%" And "&" Or "|" Xor "^" Tilde "~" Left "<<" Right ">>" Less "<" More ">"
    LessEqual "<=" MoreEqual ">=" Equal2 "==" NotEqual "!=" Not "!" PlusEqual "+=" MinusEqual "-=" StarEqual "*="
    SlashEqual "/=" Slash2Equal "//=" PercentEqual "%=" AtEqual "@=" AndEqual "&=" OrEqual "|=" XorEqual "^="
    RightEqual ">>=" LeftEqual "<<=" Star2Equal "**="
}

static WORDS: Words = Words::new(Word::TEXTS);
static SIGNS: Signs<{ Sign::TEXTS.len() }> = Signs::new(Sign::TEXTS);

#[derive(Clone, Debug)]
pub(super) struct Lexer<'s> {
    pub source: &'s str,
    pub at: usize,
    pub line: u32,
    /// Brackets that are open: in them, lines do not count.
    pub brackets: u32,
    levels: Vec<u32>,
    /// Levels that are still to be closed.
    closing: u32,
    /// A line begins here.
    fresh: bool,
}

impl parser::Lexer for Lexer<'_> {
    type Token = Token;
    type Sign = Sign;
    type Word = Word;
    const END: Token = Token::End;

    fn next(&mut self) -> Parsed<Lexed> {
        if self.fresh && self.brackets == 0 && self.closing == 0 {
            self.fresh = false;
            if let Some(level) = self.indentation()? {
                return Ok(level);
            }
        }
        if self.closing > 0 {
            self.closing -= 1;
            return Ok(self.empty(Token::Dedent));
        }
        self.blanks()?;
        let (start, line) = (self.at, self.line);
        if self.is_at_end() {
            return Ok(self.end());
        }
        let first = self.byte(0);
        let token = match first {
            b'\n' | b'\r' => {
                self.at += 1 + usize::from(first == b'\r' && self.byte(1) == b'\n');
                self.line += 1;
                self.fresh = true;
                Token::NewLine
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128.. => self.name()?,
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.text(false)?,
            _ => self.sign()?,
        };
        Ok(Lexed { token, start: place(start), end: place(self.at), line, fresh: false })
    }
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s str) -> Self {
        let at = if source.starts_with('\u{feff}') { 3 } else { 0 };
        Self { source, at, line: 0, brackets: 0, levels: vec![0], closing: 0, fresh: true }
    }

    fn bytes(&self) -> &'s [u8] {
        self.source.as_bytes()
    }

    pub fn byte(&self, ahead: usize) -> u8 {
        self.bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.source.len()
    }

    fn empty(&self, token: Token) -> Lexed {
        Lexed { token, start: place(self.at), end: place(self.at), line: self.line, fresh: false }
    }

    /// At the end of the file: the last line and all levels are closed first.
    fn end(&mut self) -> Lexed {
        if self.levels.len() > 1 {
            self.closing = place(self.levels.len()) - 2;
            self.levels.truncate(1);
            self.fresh = false;
            return self.empty(Token::Dedent);
        }
        self.empty(Token::End)
    }

    /// The blanks at the beginning of a line that holds something.
    fn indentation(&mut self) -> Parsed<Option<Lexed>> {
        let width = loop {
            let mut width = 0;
            loop {
                match self.byte(0) {
                    b' ' => width += 1,
                    // To the next multiple of eight, as Python has it.
                    b'\t' => width = width / 8 * 8 + 8,
                    12 => width = 0,
                    _ => break,
                }
                self.at += 1;
            }
            match self.byte(0) {
                b'\n' => (self.at, self.line) = (self.at + 1, self.line + 1),
                b'\r' => {
                    self.at += 1 + usize::from(self.byte(1) == b'\n');
                    self.line += 1;
                }
                b'#' => self.comment(),
                0 if self.is_at_end() => return Ok(None),
                // A line that goes on before it has begun is left to the grammar.
                b'\\' => return Err(Unread),
                _ => break width,
            }
        };
        let last = self.levels.last().copied().unwrap_or(0);
        if width == last {
            return Ok(None);
        }
        if width > last {
            if self.levels.len() >= LEVELS_MAX {
                return Err(Unread);
            }
            self.levels.push(width);
            return Ok(Some(self.empty(Token::Indent)));
        }
        let open = self.levels.len();
        while self.levels.last().is_some_and(|level| *level > width) {
            self.levels.pop();
        }
        if self.levels.last() != Some(&width) {
            return Err(Unread);
        }
        self.closing = place(open - self.levels.len()) - 1;
        Ok(Some(self.empty(Token::Dedent)))
    }

    fn comment(&mut self) {
        let rest = &self.bytes()[self.at..];
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    fn blanks(&mut self) -> Parsed<()> {
        loop {
            match self.byte(0) {
                b' ' | b'\t' | 12 => self.at += 1,
                b'#' => self.comment(),
                b'\n' if self.brackets > 0 => (self.at, self.line) = (self.at + 1, self.line + 1),
                b'\r' if self.brackets > 0 => {
                    self.at += 1 + usize::from(self.byte(1) == b'\n');
                    self.line += 1;
                }
                b'\\' => {
                    self.at += match (self.byte(1), self.byte(2)) {
                        (b'\r', b'\n') => 3,
                        (b'\n', _) => 2,
                        _ => return Err(Unread),
                    };
                    self.line += 1;
                }
                _ => return Ok(()),
            }
        }
    }

    fn name(&mut self) -> Parsed<Token> {
        let start = self.at;
        loop {
            match self.byte(0) {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => self.at += 1,
                128.. => {
                    let c = self.source[self.at..].chars().next().ok_or(Unread)?;
                    if !c.is_alphanumeric() {
                        return Err(Unread);
                    }
                    self.at += c.len_utf8();
                }
                b'"' | b'\'' if self.at - start <= 2 && is_prefix(&self.bytes()[start..self.at]) => {
                    let format =
                        self.bytes()[start..self.at].iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
                    return self.text(format);
                }
                _ => break,
            }
        }
        let text = &self.source[start..self.at];
        Ok(WORDS.find(text).map_or(Token::Name, |word| Word::ALL[word].into()))
    }

    fn number(&mut self) -> Token {
        self.at = end_of_number(self.bytes(), self.at);
        Token::Number
    }

    /// At a quote. A text is read to its end, one with values in it to its beginning.
    fn text(&mut self, format: bool) -> Parsed<Token> {
        let quote = self.byte(0);
        let long = self.byte(1) == quote && self.byte(2) == quote;
        self.at += if long { 3 } else { 1 };
        if format {
            return Ok(Token::Format);
        }
        loop {
            let rest = &self.bytes()[self.at..];
            let step = memchr::memchr3(quote, b'\\', b'\n', rest).ok_or(Unread)?;
            self.at += step;
            match rest[step] {
                b'\\' => self.escaped()?,
                b'\n' if long => (self.at, self.line) = (self.at + 1, self.line + 1),
                b'\n' => return Err(Unread),
                _ if !long => {
                    self.at += 1;
                    return Ok(Token::Text);
                }
                _ if rest.get(step + 1) == Some(&quote) && rest.get(step + 2) == Some(&quote) => {
                    self.at += 3;
                    return Ok(Token::Text);
                }
                _ => self.at += 1,
            }
        }
    }

    /// Passes a backslash and the character behind it.
    pub fn escaped(&mut self) -> Parsed<()> {
        let (bytes, lines) = parser::escaped(&self.source[self.at + 1..])?;
        (self.at, self.line) = (self.at + 1 + bytes, self.line + lines);
        Ok(())
    }

    fn sign(&mut self) -> Parsed<Token> {
        let (sign, length) = SIGNS.find(&self.bytes()[self.at..]).ok_or(Unread)?;
        let sign = Sign::ALL[sign];
        self.at += length;
        match sign {
            Sign::OpenParen | Sign::OpenBracket | Sign::OpenBrace => self.brackets += 1,
            Sign::CloseParen | Sign::CloseBracket | Sign::CloseBrace => {
                self.brackets = self.brackets.checked_sub(1).ok_or(Unread)?;
            }
            _ => {}
        }
        Ok(sign.into())
    }
}

fn is_prefix(letters: &[u8]) -> bool {
    !letters.is_empty()
        && letters
            .iter()
            .all(|byte| matches!(byte, b'r' | b'R' | b'b' | b'B' | b'u' | b'U' | b'f' | b'F' | b't' | b'T'))
}

//! Tokens of JavaScript and TypeScript.
//!
//! What a `/`, a `` ` `` or a `<` begins depends on what stands before it, which the parser knows: it has such a token
//! read again as what it is.

use crate::guard::syntax::{
    Unread,
    parser::{self, Parsed, end_of_number, place},
    vocabulary::{Signs, Words, vocabulary},
};

pub(super) type Lexed = parser::Lexed<Token>;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Name,
    Word(Word),
    PrivateName,
    Number,
    Text,
    /// The `` ` `` alone; the parser reads on.
    Backtick,
    Sign(Sign),
}

vocabulary! { Word:
    Var "var" Let "let" Const "const" Function "function" Class "class" If "if" Else "else" For "for" While "while"
    Do "do" Return "return" Break "break" Continue "continue" Throw "throw" Try "try" Catch "catch" Finally "finally"
    Switch "switch" Case "case" Default "default" Import "import" Export "export" From "from" As "as" Async "async"
    Await "await" Yield "yield" New "new" Delete "delete" Typeof "typeof" Void "void" In "in" InstanceOf "instanceof"
    Of "of" This "this" Super "super" Null "null" True "true" False "false" Undefined "undefined" Extends "extends"
    Static "static" Get "get" Set "set" With "with" Debugger "debugger" Enum "enum" Interface "interface" Type "type"
    Namespace "namespace" Module "module" Declare "declare" Abstract "abstract" Implements "implements"
    Public "public" Private "private" Protected "protected" Readonly "readonly" Override "override"
    Accessor "accessor" Satisfies "satisfies" Is "is" Keyof "keyof" Infer "infer" Asserts "asserts" Unique "unique"
    Global "global"
}

vocabulary! { Sign:
    OpenBrace "{" CloseBrace "}" OpenParen "(" CloseParen ")" OpenBracket "[" CloseBracket "]" Dot "." Dots "..."
    Semicolon ";" Comma "," Less "<" More ">" LessEqual "<=" MoreEqual ">=" Equal2 "==" NotEqual "!=" Equal3 "==="
    NotEqual2 "!==" Plus "+" Minus "-" Star "*" Star2 "**" Slash "/" Percent "%" Plus2 "++" Minus2 "--" Left "<<"
    Right ">>" Right3 ">>>" And "&" Or "|" Xor "^" Not "!" Tilde "~" And2 "&&" Or2 "||" Question2 "??" Question "?"
    Optional "?." Colon ":" Equal "=" PlusEqual "+=" MinusEqual "-=" StarEqual "*=" Star2Equal "**=" SlashEqual "/="
    PercentEqual "%=" LeftEqual "<<=" RightEqual ">>=" Right3Equal ">>>=" AndEqual "&=" OrEqual "|=" XorEqual "^="
    And2Equal "&&=" Or2Equal "||=" Question2Equal "??=" Arrow "=>" At "@" Hash "#"
}

static WORDS: Words = Words::new(Word::TEXTS);
static SIGNS: Signs<{ Sign::TEXTS.len() }> = Signs::new(Sign::TEXTS);

#[derive(Clone, Copy, Debug)]
pub(super) struct Lexer<'s> {
    pub source: &'s str,
    pub at: usize,
    pub line: u32,
}

impl parser::Lexer for Lexer<'_> {
    type Token = Token;
    type Sign = Sign;
    type Word = Word;
    const END: Token = Token::End;

    fn next(&mut self) -> Parsed<Lexed> {
        let fresh = self.blanks()?;
        let (start, line) = (self.at, self.line);
        let first = self.byte(0);
        let token = match first {
            0 if self.at >= self.source.len() => Token::End,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'\\' | 128.. => self.name()?,
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.text(first)?,
            b'`' => {
                self.at += 1;
                Token::Backtick
            }
            b'#' if is_name_start(self.byte(1)) => {
                self.at += 1;
                self.name()?;
                Token::PrivateName
            }
            _ => self.sign()?,
        };
        Ok(Lexed { token, start: place(start), end: place(self.at), line, fresh })
    }
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s str) -> Self {
        Self { source, at: 0, line: 0 }
    }

    fn bytes(&self) -> &'s [u8] {
        self.source.as_bytes()
    }

    pub fn byte(&self, ahead: usize) -> u8 {
        self.bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Passes blanks and comments; whether a line ended in them.
    fn blanks(&mut self) -> Parsed<bool> {
        let mut fresh = self.at == 0;
        loop {
            match self.byte(0) {
                b'\n' => {
                    (self.at, self.line, fresh) = (self.at + 1, self.line + 1, true);
                }
                b' ' | b'\t' | b'\r' | 11 | 12 => self.at += 1,
                b'/' if self.byte(1) == b'/' => self.rest_of_line(),
                b'/' if self.byte(1) == b'*' => {
                    let body = &self.bytes()[self.at + 2..];
                    let length = memchr::memmem::find(body, b"*/").ok_or(Unread)?;
                    let lines = memchr::memchr_iter(b'\n', &body[..length]).count();
                    fresh |= lines > 0;
                    self.line += place(lines);
                    self.at += length + 4;
                }
                b'#' if self.at == 0 && self.byte(1) == b'!' => self.rest_of_line(),
                // Old browsers' comments: the grammar knows where they are such.
                b'<' if self.source[self.at..].starts_with("<!--") => return Err(Unread),
                b'-' if fresh && self.source[self.at..].starts_with("-->") => return Err(Unread),
                128.. => match self.source[self.at..].chars().next() {
                    Some('\u{2028}' | '\u{2029}') => return Err(Unread),
                    Some(blank) if blank.is_whitespace() || blank == '\u{feff}' => self.at += blank.len_utf8(),
                    _ => return Ok(fresh),
                },
                _ => return Ok(fresh),
            }
        }
    }

    fn rest_of_line(&mut self) {
        let rest = &self.bytes()[self.at..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        // A lone return or a separator of Unicode would end the comment, too.
        let odd = memchr::memchr2(b'\r', 0xe2, &rest[..length]);
        let ends = odd
            .and_then(|at| self.source[self.at..self.at + length].get(at..))
            .and_then(|tail| tail.find(['\r', '\u{2028}', '\u{2029}']).map(|found| length - tail.len() + found));
        self.at += match ends {
            Some(at) if rest.get(at..at + 2) != Some(b"\r\n") => at + 1,
            _ => length,
        };
    }

    fn name(&mut self) -> Parsed<Token> {
        let start = self.at;
        let mut plain = true;
        loop {
            match self.byte(0) {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'0'..=b'9' => self.at += 1,
                b'\\' => {
                    let rest = &self.bytes()[self.at..];
                    let length = match rest {
                        [b'\\', b'u', b'{', tail @ ..] => tail.iter().position(|byte| *byte == b'}').ok_or(Unread)? + 4,
                        [b'\\', b'u', digits @ ..] if digits.len() >= 4 => 6,
                        _ => return Err(Unread),
                    };
                    if !self.source.is_char_boundary(self.at + length) {
                        return Err(Unread);
                    }
                    self.at += length;
                    plain = false;
                }
                128.. => {
                    let c = self.source[self.at..].chars().next().ok_or(Unread)?;
                    // What is no letter is left to the grammar.
                    if !c.is_alphanumeric() {
                        return Err(Unread);
                    }
                    self.at += c.len_utf8();
                }
                _ => break,
            }
        }
        let text = &self.source[start..self.at];
        let word = if plain { WORDS.find(text) } else { None };
        Ok(word.map_or(Token::Name, |word| Word::ALL[word].into()))
    }

    fn number(&mut self) -> Token {
        self.at = end_of_number(self.bytes(), self.at);
        Token::Number
    }

    fn text(&mut self, quote: u8) -> Parsed<Token> {
        self.at += 1;
        loop {
            let rest = &self.bytes()[self.at..];
            let step = memchr::memchr3(quote, b'\\', b'\n', rest).ok_or(Unread)?;
            self.at += step;
            match rest[step] {
                b'\\' => self.escaped()?,
                b'\n' => return Err(Unread),
                _ => {
                    self.at += 1;
                    return Ok(Token::Text);
                }
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
        let rest = &self.bytes()[self.at..];
        let (sign, length) = match rest {
            // `a?.5:1` is a condition.
            [b'?', b'.', digit, ..] if digit.is_ascii_digit() => SIGNS.find(b"?"),
            rest => SIGNS.find(rest),
        }
        .ok_or(Unread)?;
        self.at += length;
        Ok(Sign::ALL[sign].into())
    }

    /// Reads the regular expression that begins here.
    pub fn regex(&mut self) -> Parsed<()> {
        self.at += 1;
        let mut class = false;
        loop {
            match self.byte(0) {
                b'\\' => {
                    self.escaped()?;
                    continue;
                }
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => break,
                b'\n' => return Err(Unread),
                0 if self.at >= self.source.len() => return Err(Unread),
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        while self.byte(0).is_ascii_alphanumeric() {
            self.at += 1;
        }
        Ok(())
    }

    /// Reads a template's text to the `${` or the `` ` `` that ends it; whether it was the latter.
    pub fn template(&mut self) -> Parsed<bool> {
        loop {
            let rest = &self.bytes()[self.at..];
            let step = memchr::memchr3(b'`', b'\\', b'$', rest).ok_or(Unread)?;
            self.line += place(memchr::memchr_iter(b'\n', &rest[..step]).count());
            self.at += step;
            match rest[step] {
                b'`' => return Ok(true),
                b'\\' => self.escaped()?,
                _ if rest.get(step + 1) == Some(&b'{') => return Ok(false),
                _ => self.at += 1,
            }
        }
    }

    /// Passes blanks between the attributes of a tag.
    pub fn tag_blanks(&mut self) -> Parsed<()> {
        self.blanks().map(|_| ())
    }
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | b'\\' | 128..)
}

//! JSX: tags between expressions.

use super::{Children, Field, Id, Kind, Lexed, Parsed, Parser, Sign, Token, Unread, Word, place};

impl Parser<'_> {
    /// At a `<`: a tag, or the type parameters of an arrow function.
    pub(super) fn markup_or_arrow(&mut self) -> Parsed {
        if self.mode.types {
            let place = self.place();
            self.step()?;
            let named = self.is_name();
            self.step()?;
            let generic = named
                && (self.is(Sign::Comma)
                    || self.is_word(Word::Extends) && self.peek()?.token != Token::Sign(Sign::Equal));
            self.back(place);
            if generic {
                self.skip_type_parameters()?;
                let value = self.deeper(Self::primary)?;
                return if self.tree.node(value).kind == Kind::Function { Ok(value) } else { Err(Unread) };
            }
        }
        let element = self.within(false, false, Self::element_of_markup)?;
        // Its last `>` was read as text; what follows is code again.
        self.step()?;
        Ok(element)
    }

    /// An element from its `<`, to the last `>` without what follows.
    fn element_of_markup(&mut self) -> Parsed {
        self.deeper(|parser| {
            let start = parser.token;
            let mut children = Children::new();
            parser.step()?;
            let fragment = parser.is(Sign::More);
            if !fragment {
                let name = parser.tag_name()?;
                parser.hang(&mut children, name, Field::Name);
                if parser.mode.types {
                    parser.skip_type_arguments()?;
                }
                while !parser.is(Sign::More) {
                    if parser.is(Sign::Slash) {
                        parser.rewind();
                        if parser.lexer.byte(0) != b'>' {
                            return Err(Unread);
                        }
                        parser.lexer.at += 1;
                        return Ok(parser.closed(start, children));
                    }
                    let attribute = parser.attribute()?;
                    parser.hang(&mut children, attribute, Field::None);
                }
            }
            parser.rewind();
            parser.content(&mut children)?;
            Ok(parser.closed(start, children))
        })
    }

    /// Has the lexer stand right behind the token.
    fn rewind(&mut self) {
        (self.lexer.at, self.lexer.line) = (self.token.end as usize, self.token.line);
    }

    /// The element ends where the lexer stands.
    fn closed(&mut self, start: Lexed, children: Children) -> Id {
        let end = place(self.lexer.at);
        self.token.end = end;
        self.before.end = end;
        self.tree.add(Kind::Other, start.start, end, start.line, children)
    }

    /// What stands between the tags, to the end of the closing one.
    fn content(&mut self, children: &mut Children) -> Parsed<()> {
        loop {
            let rest = &self.lexer.source.as_bytes()[self.lexer.at..];
            let step = memchr::memchr2(b'<', b'{', rest).ok_or(Unread)?;
            self.lexer.line += place(memchr::memchr_iter(b'\n', &rest[..step]).count());
            self.lexer.at += step;
            self.step()?;
            if self.is(Sign::OpenBrace) {
                let inner = self.braces()?;
                self.hang(children, inner, Field::None);
                continue;
            }
            if !self.is(Sign::Less) {
                return Err(Unread);
            }
            if self.peek()?.token == Token::Sign(Sign::Slash) {
                self.step()?;
                self.step()?;
                if !self.is(Sign::More) {
                    let mark = self.tree.mark();
                    self.tag_name()?;
                    self.tree.reset(mark);
                }
                if !self.is(Sign::More) {
                    return Err(Unread);
                }
                self.rewind();
                return Ok(());
            }
            let element = self.element_of_markup()?;
            self.hang(children, element, Field::None);
        }
    }

    /// `{ … }` between tags or as a value; the lexer stands behind the brace.
    fn braces(&mut self) -> Parsed {
        let start = self.token;
        self.step()?;
        let mut children = Children::new();
        if !self.is(Sign::CloseBrace) {
            self.eat(Sign::Dots)?;
            let inner = self.within(false, false, Self::expression)?;
            self.hang(&mut children, inner, Field::None);
        }
        if !self.is(Sign::CloseBrace) {
            return Err(Unread);
        }
        self.rewind();
        self.before = self.token;
        Ok(self.node(Kind::Pass, start, children))
    }

    /// `a`, `a-b`, `a:b`, `a.b.C`.
    fn tag_name(&mut self) -> Parsed {
        let start = self.token;
        if !self.is_name() {
            return Err(Unread);
        }
        // A name in small letters is an element's, and leads to nothing.
        let own = self.lexer.source.as_bytes().get(start.start as usize).is_some_and(u8::is_ascii_lowercase);
        let mut name = self.dashed(if own { Kind::Property } else { Kind::Ident })?;
        if own && self.is(Sign::Dot) {
            self.tree.node_mut(name).kind = Kind::Ident;
        }
        while self.eat(Sign::Dot)? {
            let mut children = Children::new();
            self.hang(&mut children, name, Field::Object);
            let property = self.dashed(Kind::Property)?;
            self.hang(&mut children, property, Field::Property);
            name = self.node(Kind::Member, start, children);
        }
        Ok(name)
    }

    /// A name that may have dashes and a colon in it.
    fn dashed(&mut self, kind: Kind) -> Parsed {
        if !self.is_name() {
            return Err(Unread);
        }
        let start = self.token;
        let bytes = self.lexer.source.as_bytes();
        let mut at = start.end as usize;
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_')) {
            at += 1;
        }
        self.lexer.at = at;
        self.token.end = place(at);
        let node = self.leaf(kind)?;
        // A name with a colon or a dash leads to nothing.
        if at > start.end as usize {
            self.tree.node_mut(node).kind = Kind::Property;
        }
        Ok(node)
    }

    fn attribute(&mut self) -> Parsed {
        let start = self.token;
        if self.is(Sign::OpenBrace) {
            let spread = self.braces()?;
            self.step()?;
            return Ok(spread);
        }
        let mut children = Children::new();
        let name = self.dashed(Kind::Property)?;
        self.hang(&mut children, name, Field::None);
        if !self.is(Sign::Equal) {
            return Ok(self.node(Kind::Attribute, start, children));
        }
        // Texts of attributes have no escapes, and may have lines.
        self.rewind();
        self.lexer.tag_blanks()?;
        let quote = self.lexer.byte(0);
        let value = if matches!(quote, b'"' | b'\'') {
            let (from, line) = (self.lexer.at, self.lexer.line);
            let rest = &self.lexer.source.as_bytes()[from + 1..];
            let length = memchr::memchr(quote, rest).ok_or(Unread)?;
            self.lexer.line += place(memchr::memchr_iter(b'\n', &rest[..length]).count());
            self.lexer.at = from + length + 2;
            let value = self.tree.add(Kind::Markup, place(from), place(self.lexer.at), line, Children::new());
            self.token.end = place(self.lexer.at);
            self.step()?;
            value
        } else {
            self.step()?;
            if self.is(Sign::OpenBrace) {
                let inner = self.braces()?;
                self.step()?;
                inner
            } else if self.is(Sign::Less) {
                let inner = self.element_of_markup()?;
                self.step()?;
                inner
            } else {
                return Err(Unread);
            }
        };
        self.hang(&mut children, value, Field::None);
        Ok(self.node(Kind::Attribute, start, children))
    }
}

//! What a reader knows of an expression without running it.
//!
//! ```text
//!   "ev" + "al"            ─► Text "eval"
//!   require("net").connect ─► Path "net.connect"          a name that leads back to a module or a global
//!   req.query.cmd          ─► Path "~req.query.cmd"       `~`: begins at a name of the file's own
//!   `https://${h}/x`       ─► Text "https://□/x"          □: a hole, something unknown
//!   atob(x)                ─► Path "atob()" marked DECODED
//! ```
//! Values are small and shared. Text and paths grow in place where nobody else holds them, so that folding a chain of
//! a million `+` stays linear; each is cut at a bound, and what is cut is unknown, not harmless.

use std::rc::Rc;

/// Bytes of one folded text.
pub(super) const TEXT_MAX: usize = 64 * 1024;
/// Bytes of one path; what is longer is cut to its last part.
pub(super) const PATH_MAX: usize = 160;
/// Elements kept of one list or table.
pub(super) const ELEMENTS_MAX: usize = 8192;
/// Stands in a text for a part that is not known.
pub(super) const HOLE: char = '\u{fffc}';

/// Where a value comes from: a set of marks, which stay on whatever is made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(pub u32);

impl Marks {
    pub const NONE: Self = Self(0);
    /// Sent by whoever uses the app.
    pub const REQUEST: Self = Self(1);
    /// Decoded, decompressed or decrypted at run time.
    pub const DECODED: Self = Self(1 << 1);
    /// Read from the network.
    pub const NETWORK: Self = Self(1 << 2);
    /// The whole environment, not one variable of it.
    pub const ENVIRONMENT: Self = Self(1 << 3);
    /// A credential's file or variable.
    pub const CREDENTIAL: Self = Self(1 << 4);
    /// A visitor's cookies or stored tokens.
    pub const COOKIE: Self = Self(1 << 5);
    /// Keys that a visitor presses.
    pub const KEYS: Self = Self(1 << 6);
    /// A password field.
    pub const PASSWORD: Self = Self(1 << 7);
    /// Put together from parts: it does not stand in the source as it is.
    pub const ASSEMBLED: Self = Self(1 << 8);
    /// All that a form of the page holds.
    pub const FORM: Self = Self(1 << 9);
    /// Made safe as a file name.
    pub const TAMED: Self = Self(1 << 10);
    /// A function that keeps a large allocation each time it runs.
    pub const HOARD: Self = Self(1 << 12);
    /// It stands under the name of something that only its owner should know.
    pub const OWNED: Self = Self(1 << 13);
    /// In the home of whoever runs the program.
    pub const HOME: Self = Self(1 << 14);
    /// A member `key` of something unknown: a pressed key, where the file hears keys.
    pub const PRESSED: Self = Self(1 << 15);
    /// A function that starts another process.
    pub const SPAWNS: Self = Self(1 << 16);
    /// Encrypted.
    pub const ENCIPHERED: Self = Self(1 << 17);
    /// Found in a folder, by no name of its own.
    pub const LISTED: Self = Self(1 << 18);
    /// Written in the digits or letters of hexadecimal or base64.
    pub const ENCODED: Self = Self(1 << 19);
    /// It names a place or a file that is nobody's business, and it is in doubt whether it leads there.
    pub const PLACE: Self = Self(1 << 24);
    /// It is a page, and it is in doubt whether a browser is ever given it to read.
    pub const PAGE: Self = Self(1 << 25);
    /// What is followed to the end of the file.
    pub const DOUBT: Self = Self::PLACE.with(Self::PAGE);
    /// The folder of the file that is read, or something in it.
    pub const FOLDER: Self = Self(1 << 20);
    /// A file of code that is open to be written.
    pub const CODE_FILE: Self = Self(1 << 21);
    /// A program of a few hundred bytes for WebAssembly, as a text.
    pub const TINY: Self = Self(1 << 22);
    /// A key that the app holds for a service, or signs with.
    pub const SECRET: Self = Self(1 << 11);

    /// Those that are in doubt, and no others.
    pub const fn doubt(self) -> Self {
        Self(self.0 & Self::DOUBT.0)
    }

    pub const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub const fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    pub const fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Unknown,
    /// May hold [`HOLE`]s.
    Text(Rc<String>),
    Number(f64),
    List(Rc<Vec<Value>>),
    /// An object or keyword arguments, in the order of the source.
    Table(Rc<Vec<(Rc<String>, Value)>>),
    Path(Rc<String>),
    /// A function written here, and what it gives back, where that is of use.
    Function(Option<Rc<Value>>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub shape: Shape,
    pub marks: Marks,
}

impl Value {
    pub const UNKNOWN: Self = Self { shape: Shape::Unknown, marks: Marks::NONE };

    pub const fn unknown(marks: Marks) -> Self {
        Self { shape: Shape::Unknown, marks }
    }

    pub fn text(text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        cut(&mut text, TEXT_MAX);
        Self { shape: Shape::Text(Rc::new(text)), marks: Marks::NONE }
    }

    pub fn path(path: impl Into<String>) -> Self {
        Self { shape: Shape::Path(Rc::new(path.into())), marks: Marks::NONE }
    }

    pub const fn number(number: f64) -> Self {
        Self { shape: Shape::Number(number), marks: Marks::NONE }
    }

    pub fn list(mut values: Vec<Self>) -> Self {
        values.truncate(ELEMENTS_MAX);
        let marks = values.iter().fold(Marks::NONE, |marks, value| marks.with(value.all_marks()));
        Self { shape: Shape::List(Rc::new(values)), marks }
    }

    pub fn table(mut pairs: Vec<(Rc<String>, Self)>) -> Self {
        pairs.truncate(ELEMENTS_MAX);
        let marks = pairs.iter().fold(Marks::NONE, |marks, (_, value)| marks.with(value.all_marks()));
        Self { shape: Shape::Table(Rc::new(pairs)), marks }
    }

    #[must_use]
    pub fn marked(mut self, marks: Marks) -> Self {
        self.marks = self.marks.with(marks);
        self
    }

    /// The text, when all of it is known.
    pub fn known(&self) -> Option<&str> {
        self.as_text().filter(|text| !text.contains(HOLE))
    }

    /// The text, holes and all.
    pub fn as_text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Text(text) => Some(text.as_str()),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::List(_)
            | Shape::Table(_)
            | Shape::Path(_)
            | Shape::Function(_) => None,
        }
    }

    pub fn as_path(&self) -> Option<&str> {
        match &self.shape {
            Shape::Path(path) => Some(path.as_str()),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::List(_)
            | Shape::Table(_)
            | Shape::Text(_)
            | Shape::Function(_) => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        match &self.shape {
            Shape::Number(number) => Some(*number),
            Shape::Text(text) => text.trim().parse().ok(),
            Shape::Unknown | Shape::List(_) | Shape::Table(_) | Shape::Path(_) | Shape::Function(_) => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.shape {
            Shape::List(values) => Some(values),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::Table(_)
            | Shape::Path(_)
            | Shape::Function(_) => None,
        }
    }

    /// What a function written here gives back, where that is known.
    pub fn as_function(&self) -> Option<&Self> {
        match &self.shape {
            Shape::Function(given) => given.as_deref(),
            Shape::Unknown | Shape::Number(_) | Shape::Text(_) | Shape::List(_) | Shape::Table(_) | Shape::Path(_) => {
                None
            }
        }
    }

    /// The pairs of a table.
    pub fn as_table(&self) -> Option<&[(Rc<String>, Self)]> {
        match &self.shape {
            Shape::Table(pairs) => Some(pairs),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Path(_)
            | Shape::Function(_) => None,
        }
    }

    /// What stands under `key` in a table.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.shape {
            Shape::Table(pairs) => pairs.iter().rev().find(|(name, _)| name.as_str() == key).map(|(_, value)| value),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Path(_)
            | Shape::Function(_) => None,
        }
    }

    pub fn is_true(&self) -> bool {
        match &self.shape {
            Shape::Number(number) => *number != 0.0,
            Shape::Text(text) => !text.is_empty(),
            Shape::List(_) | Shape::Table(_) | Shape::Function(_) => true,
            Shape::Path(path) => matches!(path.as_str(), "true" | "True"),
            Shape::Unknown => false,
        }
    }

    /// Its own marks and those that its path has by itself.
    pub fn all_marks(&self) -> Marks {
        match &self.shape {
            Shape::Path(path) => self.marks.with(super::origin::marks(path)),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Table(_)
            | Shape::Function(_) => self.marks,
        }
    }

    /// How many calls it takes to get at what is no function any more.
    pub fn gives(&self) -> usize {
        let (mut calls, mut value) = (0, self);
        while let Shape::Function(Some(given)) = &value.shape {
            (calls, value) = (calls + 1, given);
        }
        calls
    }

    /// The text that it becomes when it is put into one; a [`HOLE`] where that is not known.
    pub fn to_text(&self) -> Rc<String> {
        match &self.shape {
            Shape::Text(text) => Rc::clone(text),
            Shape::Number(number) => Rc::new(format!("{number}")),
            Shape::Unknown | Shape::List(_) | Shape::Table(_) | Shape::Path(_) | Shape::Function(_) => {
                Rc::new(HOLE.to_string())
            }
        }
    }

    /// `self + other` of texts. Grows in place when this is the only owner.
    #[must_use]
    pub fn append(mut self, other: &Self) -> Self {
        let marks = self.all_marks().with(other.all_marks());
        let tail = other.to_text();
        let mut text = match std::mem::replace(&mut self.shape, Shape::Unknown) {
            Shape::Text(text) => text,
            shape @ (Shape::Unknown
            | Shape::Number(_)
            | Shape::List(_)
            | Shape::Table(_)
            | Shape::Path(_)
            | Shape::Function(_)) => Self { shape, marks: Marks::NONE }.to_text(),
        };
        if text.len() + tail.len() <= TEXT_MAX {
            Rc::make_mut(&mut text).push_str(&tail);
        } else if !text.ends_with(HOLE) {
            Rc::make_mut(&mut text).push(HOLE);
        }
        Self { shape: Shape::Text(text), marks }
    }

    /// `self.name`.
    #[must_use]
    pub fn member(self, name: &str) -> Self {
        let marks = self.marks;
        let path = match self.shape {
            Shape::Path(path) => path,
            Shape::Table(ref pairs) => {
                let found = pairs.iter().rev().find(|(key, _)| key.as_str() == name).map(|(_, value)| value.clone());
                return found.unwrap_or_else(|| Self::path(format!("~{{}}.{name}")).marked(marks));
            }
            Shape::Text(_) => return Self::path(format!("~''.{name}")).marked(marks),
            Shape::List(_) => return Self::path(format!("~[].{name}")).marked(marks),
            Shape::Function(_) if name == "constructor" => return Self::path("Function").marked(marks),
            Shape::Function(_) => return Self::path(format!("~function.{name}")).marked(marks),
            Shape::Unknown | Shape::Number(_) => return Self::path(format!("~.{name}")).marked(marks),
        };
        Self { shape: Shape::Path(super::origin::member(path, name)), marks }
    }

    /// What a call of it gives.
    #[must_use]
    pub fn called(self, marks: Marks) -> Self {
        let marks = self.marks.with(marks);
        match self.shape {
            Shape::Path(path) => Self { shape: Shape::Path(push(path, "()")), marks },
            Shape::Function(Some(given)) => (*given).clone().marked(marks),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Table(_)
            | Shape::Function(None) => Self::unknown(marks),
        }
    }
}

/// Appends to a path, which never outgrows its bound: the beginning goes, and with it what it leads back to.
pub(super) fn push(mut path: Rc<String>, more: &str) -> Rc<String> {
    if path.len() + more.len() <= PATH_MAX {
        Rc::make_mut(&mut path).push_str(more);
        return path;
    }
    let mut tail = more.to_owned();
    cut(&mut tail, PATH_MAX / 2);
    Rc::new(format!("~…{tail}"))
}

/// Cuts `text` to at most `bytes` bytes, at a character.
pub(super) fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let mut at = bytes;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_joined_and_what_is_unknown_leaves_a_hole() {
        let url = Value::text("https://").append(&Value::path("~host")).append(&Value::text("/x"));
        assert_eq!(url.as_text(), Some("https://\u{fffc}/x"));
        assert_eq!(url.known(), None);
        assert_eq!(Value::text("ev").append(&Value::text("al")).known(), Some("eval"));
    }

    #[test]
    fn a_long_chain_is_cut_and_then_unknown() {
        let mut value = Value::text("");
        for _ in 0..100_000 {
            value = value.append(&Value::text("abc"));
        }
        assert!(value.as_text().is_some_and(|text| text.len() <= TEXT_MAX + 3) && value.known().is_none());
        let mut path = Value::path("~a");
        for _ in 0..100_000 {
            path = path.member("b").called(Marks::NONE);
        }
        assert!(path.as_path().is_some_and(|path| path.len() <= PATH_MAX));
    }
}

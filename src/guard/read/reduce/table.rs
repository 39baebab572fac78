//! Lists, tables and arguments.

use std::rc::Rc;

use super::name::pattern;
use crate::guard::{
    fact::Fact,
    read::{
        escape,
        walk::{Item, Walk},
    },
    rules,
    syntax::kinds::Kind,
    value::{Marks, Shape, Value},
};

pub(super) fn list(walk: &mut Walk<'_, '_>, marks: Marks, items: Vec<Item>) -> Value {
    let values = flat(walk, items);
    let value = Value::list(values).marked(marks);
    parts(walk, value.as_list().unwrap_or_default());
    value
}

/// Parts of a path, or of an address, that are one only when they are joined.
const PARTS: std::ops::RangeInclusive<usize> = 2..=64;

fn parts(walk: &mut Walk<'_, '_>, values: &[Value]) {
    if !PARTS.contains(&values.len()) {
        return;
    }
    let path = values[0].as_text().is_some_and(|first| first.starts_with('.') && first.len() > 2);
    if path {
        let texts: Vec<&str> = values.iter().map_while(Value::known).collect();
        if rules::is_credential_path(&texts.join("/")) {
            walk.tell(Fact::Parts);
        }
    }
    if !matches!(values[0].shape, Shape::Number(_)) {
        return;
    }
    let octets = values.iter().map_while(Value::as_number).filter(|octet| (0.0..256.0).contains(octet));
    if values.len() == OCTETS && octets.clone().count() == OCTETS {
        super::numbered(walk, octets.fold(0.0, |all, octet| all * 256.0 + octet));
    }
    walk.tell(Fact::Ports(values));
}

/// Numbers of an address.
const OCTETS: usize = 4;

/// Bytes of a text that is taken apart into its letters.
const LETTERS_MAX: usize = 1024;
/// Bytes that an element takes when it is copied, about.
const ELEMENT_BYTES: usize = 32;

/// Lists that are spread into a list become part of it.
fn flat(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Vec<Value> {
    let mut values = Vec::with_capacity(items.len());
    for inner in items {
        match (inner.kind, inner.value.as_list()) {
            (Kind::Spread, Some(spread)) if walk.pay(spread.len() * ELEMENT_BYTES) => {
                values.extend(spread.iter().cloned())
            }
            // A text is spread into its letters.
            (Kind::Spread, _) => match inner.value.known().filter(|text| text.len() <= LETTERS_MAX) {
                Some(text) if walk.pay(text.len() * ELEMENT_BYTES) => {
                    values.extend(text.chars().map(|c| Value::text(c).marked(inner.value.marks)));
                }
                Some(_) | None => values.push(inner.value),
            },
            _ => values.push(inner.value),
        }
    }
    values
}

pub(super) fn arguments(walk: &mut Walk<'_, '_>, marks: Marks, items: Vec<Item>) -> Value {
    let (keywords, placed): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|inner| inner.kind == Kind::Keyword);
    let mut values = flat(walk, placed);
    if !keywords.is_empty() {
        values.push(table(walk, Marks::NONE, keywords));
    }
    Value::list(values).marked(marks)
}

pub(super) fn named(inner: &Item) -> Option<(Rc<String>, Value)> {
    match inner.value.as_list() {
        Some([key, value]) => Some((key.to_text(), value.clone())),
        _ => None,
    }
}

pub(super) fn table(walk: &mut Walk<'_, '_>, marks: Marks, items: Vec<Item>) -> Value {
    let mut pairs = Vec::with_capacity(items.len());
    let mut marks = marks;
    for inner in items {
        match inner.kind {
            Kind::Pair | Kind::Keyword => pairs.extend(named(&inner).map(owned)),
            Kind::Shorthand => pairs.push(owned((Rc::new(walk.span(&inner).to_owned()), inner.value))),
            _ => {
                if let Shape::Table(spread) = &inner.value.shape
                    && walk.pay(spread.len() * ELEMENT_BYTES)
                {
                    pairs.extend(spread.iter().cloned());
                }
                marks = marks.with(inner.value.all_marks());
            }
        }
    }
    Value::table(pairs).marked(marks)
}

/// What stands under the name of a secret is one.
fn owned((name, value): (Rc<String>, Value)) -> (Rc<String>, Value) {
    let marks = if rules::is_secret_name(&name) { Marks::OWNED } else { Marks::NONE };
    (name, value.marked(marks))
}

pub(super) fn pair(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let mut items = items.into_iter();
    let (Some(key), Some(value)) = (items.next(), items.next()) else { return Value::UNKNOWN };
    let name = match key.kind {
        Kind::Property => Value::text(escape::name(walk.span(&key))),
        Kind::Ident if walk.parent() == Kind::Arguments || !walk.python => Value::text(walk.span(&key)),
        _ => Value { shape: Shape::Text(key.value.to_text()), marks: Marks::NONE },
    };
    let place = key.value.marks.doubt();
    let value = if walk.parent() == Kind::TablePattern { pattern(walk, &value) } else { value.value.marked(place) };
    Value::list(vec![name, value])
}

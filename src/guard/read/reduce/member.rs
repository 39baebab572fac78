//! Members and elements.

use super::name::takes_secret;
use crate::guard::{
    fact::{Fact, Standing},
    fold, origin,
    read::{
        escape,
        walk::{Item, Walk, matters},
    },
    rules,
    syntax::kinds::{Field, Kind},
    value::{Marks, Shape, Value},
    worst,
};

/// A member of a literal keeps the literal at hand, for the call that follows.
fn hang(walk: &Walk<'_, '_>, field: Field, object: Value, name: &str) -> (Value, Option<Value>) {
    let is_callee = field == Field::Function && matches!(walk.parent(), Kind::Call | Kind::New);
    let mut object = object;
    // One variable is not the whole environment; a method is of the whole.
    if !is_callee || matches!(name, "get" | "pop" | "has" | "setdefault") {
        object.marks = object.marks.without(Marks::ENVIRONMENT);
    }
    match &object.shape {
        Shape::Text(_) | Shape::List(_) | Shape::Number(_) if is_callee => {
            let start = if matches!(object.shape, Shape::List(_)) { "~[]" } else { "~''" };
            (Value::path(format!("{start}.{name}")).marked(object.marks), Some(object))
        }
        Shape::Table(pairs) if is_callee && worst::is_look_up(name) && object.get(name).is_none() => {
            let marks = if pairs.is_empty() { Marks::NONE } else { object.marks };
            (Value::path(format!("~{{}}.{name}")).marked(marks), Some(object))
        }
        _ => (object.member(name), None),
    }
}

/// Bytes of a regular expression that is looked at as the text that it finds.
const PATTERN_BYTES_MAX: usize = 256;

pub(super) fn member(walk: &mut Walk<'_, '_>, field: Field, items: Vec<Item>) -> (Value, Option<Value>) {
    let mut items = items.into_iter();
    let (Some(object), Some(property)) = (items.next(), items.next()) else { return (Value::UNKNOWN, None) };
    let name = escape::name(walk.span(&property));
    if let (Shape::List(values), "length") = (&object.value.shape, &*name) {
        let length = u32::try_from(values.len()).unwrap_or(u32::MAX);
        return (Value::number(f64::from(length)), None);
    }
    if let Some(held) = held(walk, &object.value, &name) {
        return (held, None);
    }
    if name == "constructor" && object.value.as_path().is_some_and(|name| walk.missed.contains(name)) {
        walk.late.ask();
    }
    let own_text = name == "source" && matches!(&object.value.shape, Shape::Table(pairs) if pairs.len() == 1);
    let (value, of) = hang(walk, field, object.value, &name);
    if own_text && let Some(text) = value.as_text().filter(|text| text.len() <= PATTERN_BYTES_MAX) {
        let plain = text.replace('\\', "");
        let doubt = walk.tell(Fact::Text { text: &plain, marks: Marks::NONE, escaped: 0, standing: Standing::Pattern });
        return (value.marked(doubt), of);
    }
    (whole_body(walk, attribute_of(walk, value), &name), of)
}

/// What the file's own table of names holds under a name: `globals()["o"]` is what `o` stands for.
pub(in crate::guard::read) fn held(walk: &Walk<'_, '_>, object: &Value, name: &str) -> Option<Value> {
    let own = walk.python && object.as_path() == Some(OWN_NAMES);
    let value = own.then(|| walk.names.get(name)).flatten().filter(|value| matters(value));
    value.map(|value| value.clone().marked(object.marks))
}

/// The file's own table of names, and itself as a module.
const OWN_NAMES: &str = "globals()";

/// All that a request brings holds the password, too, that is taken out of it beside.
fn whole_body(walk: &mut Walk<'_, '_>, value: Value, name: &str) -> Value {
    let body = matches!(name, "body" | "form" | "json" | "get_json" | "data" | "POST");
    let secret = !body && rules::is_secret_name(name);
    if !body && !secret || !value.all_marks().has(Marks::REQUEST) {
        return value;
    }
    if secret {
        takes_secret(walk);
        return value.marked(Marks::OWNED);
    }
    let around = walk.loops.iter().rev().find(|frame| frame.is_function);
    if around.is_some_and(|around| around.secret) { value.marked(Marks::OWNED) } else { value }
}

/// What was stored under the path, or always stands there, when that is known.
fn attribute_of(walk: &Walk<'_, '_>, value: Value) -> Value {
    if let Some(text) = value.as_path().and_then(origin::constant) {
        return Value::text(text).marked(value.marks);
    }
    // A member of the global object is a name.
    let global = value.as_path().filter(|path| !path.contains(['.', '(', '[']));
    if let Some(named) = global.and_then(|path| walk.names.get(path)).filter(|named| matters(named)) {
        return named.clone().marked(value.marks);
    }
    if walk.attributes.is_empty() {
        return value;
    }
    let stored = value.as_path().and_then(|path| walk.attributes.get(path)).cloned();
    stored.map_or_else(|| value.clone(), |stored| stored.marked(value.marks))
}

/// Stands for an element of a table that the file itself has filled, by a name that is not known.
pub(super) const OWN_ELEMENT: &str = "[*]";

/// Whether what is looked up is one of the file's own: of a table with something in it, whose elements are known to be
/// harmless, the worst that any name leads to is `Object`. What hangs on such an element is another matter, where the name
/// is made up.
fn is_own(object: &Value, index: Marks) -> bool {
    let made = Marks::DECODED.with(Marks::ASSEMBLED).with(Marks::REQUEST).with(Marks::NETWORK);
    object.as_table().is_some_and(|pairs| !pairs.is_empty()) || object.as_path() == Some("~{}.[*]") && !index.has(made)
}

pub(super) fn subscript(walk: &mut Walk<'_, '_>, field: Field, items: Vec<Item>) -> (Value, Option<Value>) {
    let mut items = items.into_iter();
    let (Some(object), Some(index)) = (items.next(), items.next()) else { return (Value::UNKNOWN, None) };
    let marks = object.value.all_marks();
    if index.kind == Kind::Slice {
        let span = walk.span(&index);
        let folded = if walk.pay(4096) { fold::slice(&object.value, span) } else { None };
        return (folded.unwrap_or(Value::unknown(marks)), None);
    }
    if let (Some(number), Shape::Text(_) | Shape::List(_)) = (index.value.as_number(), &object.value.shape) {
        let picked = match object.value.as_list() {
            Some(_) => fold::method(&object.value, "at", &[Value::number(number)]),
            None => fold::method(&object.value, "charAt", &[Value::number(number)]),
        };
        return (picked.unwrap_or(Value::unknown(marks)), None);
    }
    // A number has no elements, and no list has one by the name of a list.
    let nothing = match (&object.value.shape, &index.value.shape) {
        (Shape::Number(_), Shape::Number(_)) => true,
        (Shape::List(values), Shape::List(_)) => values.is_empty(),
        (_, _) => false,
    };
    if nothing && !walk.python {
        return (Value::path("undefined"), None);
    }
    // What a request brings, or else something known, is whatever it likes.
    let chosen = index.value.marks.has(Marks::REQUEST.with(Marks::NETWORK));
    if chosen && let Some(worst) = worst::element(&object.value) {
        return (worst.clone().marked(index.value.all_marks().with(Marks::ASSEMBLED)), None);
    }
    if object.value.as_path() == Some("sys.modules") && index.value.as_path() == Some("__name__") {
        return (Value::path(OWN_NAMES), None);
    }
    match index.value.known() {
        Some(name) => {
            if let Some(held) = held(walk, &object.value, name) {
                return (held.marked(Marks::ASSEMBLED), None);
            }
            let literal = matches!(index.kind, Kind::Text | Kind::Literal);
            let shown = if literal { Marks::NONE } else { Marks::ASSEMBLED };
            let name = name.to_owned();
            let (value, of) = hang(walk, field, object.value, &name);
            (attribute_of(walk, value.marked(shown)), of)
        }
        None => {
            let found = index.value.all_marks();
            match worst::element(&object.value) {
                Some(worst) => (worst.clone().marked(found.with(Marks::ASSEMBLED)), None),
                None => {
                    let name = if is_own(&object.value, found) { OWN_ELEMENT } else { "[?]" };
                    (object.value.member(name).marked(found.with(marks.doubt())), None)
                }
            }
        }
    }
}

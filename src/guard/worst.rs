//! Which of several values it is cannot be known, so it is the one that matters.
//!
//! A table of names, one of which is harmful, looked up by what a request brings, gives the harmful one to whoever asks
//! for it.

use std::rc::Rc;

use super::{
    fold,
    rules::{is_dangerous, is_metadata_host, is_system_path},
    value::{Marks, Shape, Value},
};

/// Elements that are looked at.
const ELEMENTS_MAX: usize = 64;
/// Parts of a name that was taken apart, and bytes of one.
const PARTS: std::ops::RangeInclusive<usize> = 2..=16;
const NAME_BYTES_MAX: usize = 24;
/// Modules of Python of which no other use is made than to run something.
const MODULES: [&str; 5] = ["subprocess", "pty", "ctypes", "builtins", "posix"];

/// The element of a list, or the value in a table, that a rule would ask for.
pub(super) fn element(of: &Value) -> Option<&Value> {
    match &of.shape {
        Shape::List(values) => values.iter().take(ELEMENTS_MAX).find(|value| is_harmful(value)),
        Shape::Table(pairs) => pairs.iter().take(ELEMENTS_MAX).map(|(_, value)| value).find(|value| is_harmful(value)),
        Shape::Unknown | Shape::Number(_) | Shape::Text(_) | Shape::Path(_) | Shape::Function(_) => None,
    }
}

fn is_harmful(value: &Value) -> bool {
    match &value.shape {
        Shape::Path(path) => is_dangerous(path),
        Shape::Text(text) => {
            fold::is_dangerous_name(text)
                || MODULES.contains(&text.as_str())
                || is_metadata_host(text)
                || is_system_path(text)
        }
        Shape::List(parts) => is_harmful_in_parts(parts),
        Shape::Unknown | Shape::Number(_) | Shape::Table(_) | Shape::Function(_) => false,
    }
}

/// `["ch", "ild_pro", "cess"]`, to be joined by whoever looks it up.
fn is_harmful_in_parts(parts: &[Value]) -> bool {
    if !PARTS.contains(&parts.len()) {
        return false;
    }
    let mut whole = String::with_capacity(NAME_BYTES_MAX);
    for part in parts {
        match part.known() {
            Some(part) if whole.len() + part.len() <= NAME_BYTES_MAX => whole.push_str(part),
            Some(_) | None => return false,
        }
    }
    fold::is_dangerous_name(&whole) || MODULES.contains(&whole.as_str())
}

/// Methods of tables, and of what is made of them, that look something up.
pub(super) fn is_look_up(name: &str) -> bool {
    matches!(name, "get" | "pop" | "setdefault" | "items" | "values" | "keys" | "entries")
}

/// What a method of a table gives: one of its values, or all of them.
pub(super) fn looked_up(pairs: &[(Rc<String>, Value)], of: &Value, name: &str, args: &[Value]) -> Option<Value> {
    // A name that nobody would call is left unknown.
    let key = |(key, _): &(Rc<String>, Value)| {
        if fold::is_dangerous_name(key) { Value::text(key.as_str()) } else { Value::UNKNOWN }
    };
    let pairs = pairs.iter().take(ELEMENTS_MAX);
    match (name, args.first()) {
        ("get" | "pop" | "setdefault", Some(asked)) => match asked.known() {
            Some(known) => of.get(known).cloned(),
            None => element(of).cloned(),
        },
        ("values", _) => Some(Value::list(pairs.map(|(_, value)| value.clone()).collect())),
        ("keys", _) => Some(Value::list(pairs.map(key).collect())),
        ("items" | "entries", _) => {
            Some(Value::list(pairs.map(|pair| Value::list(vec![key(pair), pair.1.clone()])).collect()))
        }
        (_, _) => None,
    }
}

/// What stands for each element of a list that is gone through: in each column the one that matters.
pub(super) fn each(values: &[Value]) -> Value {
    let Some(first) = values.first() else { return Value::UNKNOWN };
    if let Some(worst) = values.iter().take(ELEMENTS_MAX).find(|value| is_harmful(value)) {
        return worst.clone();
    }
    let Some(columns) = first.as_list().map(<[Value]>::len) else { return first.clone() };
    let column = |at: usize| {
        let mut rows = values.iter().take(ELEMENTS_MAX).filter_map(|row| row.as_list()?.get(at));
        let worst = rows.clone().find(|value| is_harmful(value));
        worst.or_else(|| rows.next()).cloned().unwrap_or(Value::unknown(Marks::NONE))
    };
    Value::list((0..columns.min(ELEMENTS_MAX)).map(column).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(values: &[&str]) -> Value {
        Value::table(values.iter().map(|text| (Rc::new("k".to_owned()), Value::text(*text))).collect())
    }

    #[test]
    fn the_harmful_one_stands_for_all() {
        assert_eq!(element(&table(&["css", "/etc", "img"])).and_then(Value::known), Some("/etc"));
        assert_eq!(element(&table(&["textwrap", "subprocess"])).and_then(Value::known), Some("subprocess"));
        assert_eq!(element(&table(&["/about", "/static", "os"])), None);
        let rows = ["a", "/root"].map(|text| Value::list(vec![Value::UNKNOWN, Value::text(text)]));
        assert_eq!(each(&rows).as_list().and_then(|row| row[1].known()), Some("/root"));
        assert_eq!(each(&[]), Value::UNKNOWN);
        let parts = Value::list(["child", "_process"].map(Value::text).to_vec());
        assert_eq!(element(&Value::table(vec![(Rc::new("k".to_owned()), parts.clone())])), Some(&parts));
    }
}

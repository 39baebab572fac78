//! Operators.

use super::text::{tell_assembled, tell_joined};
use crate::guard::{
    climb, fold,
    read::{
        growth,
        walk::{Item, Walk},
    },
    syntax::kinds::Field,
    value::{HOLE, Marks, Shape, Value},
};

pub(super) fn choice(items: Vec<Item>) -> Value {
    let marks = items.iter().fold(Marks::NONE, |marks, inner| marks.with(inner.value.all_marks()));
    let rank = |inner: &Item| match &inner.value.shape {
        _ if inner.field == Field::Condition => 5,
        Shape::Path(path) if !path.starts_with('~') && !matches!(path.as_str(), "null" | "undefined" | "None") => 0,
        Shape::Text(_) => 1,
        Shape::List(_) | Shape::Table(_) | Shape::Function(_) => 2,
        Shape::Path(_) | Shape::Number(_) => 3,
        Shape::Unknown => 4,
    };
    let best = items.into_iter().filter(|inner| inner.field != Field::Operator).min_by_key(rank);
    best.map_or(Value::UNKNOWN, |inner| inner.value).marked(marks)
}

pub(super) fn binary(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let operator = items.iter().find(|inner| inner.field == Field::Operator).map_or("", |inner| walk.span(inner));
    if matches!(operator, "||" | "&&" | "??" | "or" | "and") {
        return choice(items);
    }
    // Whether two things are the same tells neither.
    if matches!(operator, "===" | "!==" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "instanceof") {
        return Value::UNKNOWN;
    }
    let mut sides = items.into_iter().filter(|inner| inner.field != Field::Operator);
    let (Some(left), Some(right)) = (sides.next(), sides.next()) else { return Value::UNKNOWN };
    let (left, right) = (left.value, right.value);
    let marks = left.all_marks().with(right.all_marks());
    // Whether something is in it is nothing of it.
    let asks = matches!(operator, "in" | "not in") || operator.starts_with("not");
    let marks = if asks { marks.without(Marks::DOUBT) } else { marks };
    let (left, right) = if operator == "+" && !walk.python { coerced(left, right) } else { (left, right) };
    let is_text = matches!(left.shape, Shape::Text(_)) || matches!(right.shape, Shape::Text(_));
    let value = match operator {
        "+" if is_text => walk.append(left, &right).marked(Marks::ASSEMBLED),
        "+" => match (left.as_list(), right.as_list()) {
            (Some(one), Some(other)) if walk.pay(one.len() * 16) => Value::list([one, other].concat()),
            _ => arithmetic(operator, &left, &right),
        },
        // Flags: the one that matters stands for all.
        "|" if [&left, &right].iter().any(|side| side.as_path() == Some("mmap.PROT_EXEC")) => {
            Value::path("mmap.PROT_EXEC")
        }
        "%" if walk.python && left.as_text().is_some() => percent(&left, &right),
        "*" if is_text => match (left.known(), right.as_number(), right.known(), left.as_number()) {
            (Some(text), Some(count), _, _) | (_, _, Some(text), Some(count)) if walk.pay(4096) => {
                growth::allocation(walk, count * 1.0);
                fold::repeat(text, count).marked(growth::kept(count * text.len() as f64))
            }
            (step, _, other, _) => step.or(other).and_then(climb::text).unwrap_or(Value::UNKNOWN),
        },
        "*" if left.as_list().is_some() || right.as_list().is_some() => {
            let step = left.as_list().or(right.as_list()).and_then(<[Value]>::first).and_then(climb::list);
            if let Some(climbed) = step {
                return climbed;
            }
            let count = left.as_number().or(right.as_number()).unwrap_or(0.0);
            growth::allocation(walk, count * 8.0);
            Value::unknown(growth::kept(count * 8.0))
        }
        // `Path.home() / ".ssh"`: the parts of a path.
        "/" if walk.python && right.as_text().is_some() => {
            let home = left.as_path().is_some_and(|path| path.ends_with("Path.home()"));
            let start =
                if home { Value::text("~") } else { Value { marks: left.marks, shape: Shape::Text(left.to_text()) } };
            start.append(&Value::text("/")).append(&right)
        }
        _ => arithmetic(operator, &left, &right),
    };
    if let Shape::Number(number) = value.shape {
        super::numbered(walk, number);
    }
    let value = value.marked(marks);
    if operator == "+" {
        tell_joined(walk, &value);
    }
    tell_assembled(walk, value)
}

/// Both sides of a `+` of JavaScript: what is no number is a text there, which is a way to come by letters.
fn coerced(left: Value, right: Value) -> (Value, Value) {
    let is_plain = |side: &Value| matches!(side.shape, Shape::Text(_) | Shape::List(_) | Shape::Table(_));
    if is_plain(&left) || is_plain(&right) { (spelt(left), spelt(right)) } else { (left, right) }
}

/// The text that JavaScript makes of a constant, an empty table or an empty list.
fn spelt(side: Value) -> Value {
    let constant = |path: &&str| matches!(*path, "true" | "false" | "undefined" | "null" | "NaN" | "Infinity");
    if let Some(path) = side.as_path().filter(constant) {
        Value::text(path)
    } else if side.as_table().is_some_and(<[_]>::is_empty) {
        Value::text("[object Object]").marked(side.marks)
    } else if side.as_list().is_some_and(<[_]>::is_empty) {
        Value::text("").marked(side.marks)
    } else {
        side
    }
}

fn arithmetic(operator: &str, left: &Value, right: &Value) -> Value {
    let (Shape::Number(one), Shape::Number(other)) = (&left.shape, &right.shape) else { return Value::UNKNOWN };
    let bits = |join: fn(i64, i64) -> i64| f64::from(join(*one as i64, *other as i64) as i32);
    Value::number(match operator {
        "+" => one + other,
        "-" => one - other,
        "*" => one * other,
        "/" => one / other,
        "%" if *other != 0.0 => one % other,
        "**" => one.powf(*other),
        "^" => bits(|one, other| one ^ other),
        "|" => bits(|one, other| one | other),
        "&" => bits(|one, other| one & other),
        "<<" if (0.0..=52.0).contains(other) => one * other.exp2(),
        _ => return Value::UNKNOWN,
    })
}

/// `"%s%s" % (a, b)`.
fn percent(left: &Value, right: &Value) -> Value {
    let format = left.to_text();
    let one = [right.clone()];
    let mut args = right.as_list().unwrap_or(&one).iter();
    let mut filled = Value::text("");
    let mut rest = format.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        filled = filled.append(&Value::text(before));
        let end = after.find(|c: char| c.is_ascii_alphabetic() || c == '%').map_or(after.len(), |at| at + 1);
        filled = match args.next() {
            Some(arg) if !after.starts_with('%') => filled.append(arg),
            _ => filled.append(&Value::text(HOLE)),
        };
        rest = after.get(end..).unwrap_or_default();
    }
    filled.append(&Value::text(rest)).marked(Marks::ASSEMBLED)
}

pub(super) fn unary(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    let operator = items.iter().find(|inner| inner.field == Field::Operator).map_or("", |inner| walk.span(inner));
    let Some(inner) = items.iter().find(|inner| inner.field != Field::Operator) else { return Value::UNKNOWN };
    match (operator, &inner.value.shape) {
        ("-", Shape::Number(number)) => Value::number(-number),
        ("+", Shape::Number(number)) => Value::number(*number),
        ("!", Shape::Number(number)) => Value::path(if *number == 0.0 { "true" } else { "false" }),
        ("!", Shape::List(_) | Shape::Table(_)) => Value::path("false"),
        ("!", Shape::Path(path)) if path.as_str() == "false" => Value::path("true"),
        ("!", Shape::Path(path)) if path.as_str() == "true" => Value::path("false"),
        ("+", Shape::List(values)) if values.is_empty() && !walk.python => Value::number(0.0),
        ("+", Shape::Path(path)) if path.as_str() == "true" => Value::number(1.0),
        ("+", Shape::Path(path)) if path.as_str() == "false" => Value::number(0.0),
        ("~", Shape::List(values)) if values.is_empty() => Value::number(-1.0),
        ("~", Shape::Number(number)) => Value::number(-number.trunc() - 1.0),
        _ => Value::unknown(inner.value.all_marks()),
    }
}

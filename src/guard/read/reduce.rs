//! What each kind of node is reduced to, from what its children were.

use std::{borrow::Cow, ops::Range, rc::Rc};

use super::{
    call, escape,
    walk::{Frame, Item, Loop, Walk, matters},
};
use crate::guard::{
    fact::Fact,
    fold,
    read::html::unescape,
    syntax::kinds::{Field, Kind},
    value::{HOLE, Marks, Shape, Value},
};

/// Depth to which patterns such as `{a: {b: [c]}}` are taken apart.
const PATTERN_DEPTH_MAX: usize = 8;
/// Bytes of a function whose text is looked at for the signs of a decoder.
const DECODER_BYTES_MAX: usize = 600;

pub(super) fn reduce(walk: &mut Walk<'_, '_>, frame: Frame, items: Vec<Item>) -> Item {
    let (mut kind, field, mut start, mut end) = (frame.kind, frame.field, frame.start, frame.end);
    let mut of = None;
    let value = match frame.kind {
        Kind::Block | Kind::Group | Kind::Skip => Value::UNKNOWN,
        Kind::Other | Kind::Error | Kind::AsPattern if items.is_empty() => Value::unknown(frame.marks),
        Kind::Other | Kind::Error => Value::unknown(union(&frame, &items)),
        Kind::Pass | Kind::Await | Kind::Last => {
            if frame.kind == Kind::Await {
                wait(walk);
            }
            let one = if frame.kind == Kind::Last { items.into_iter().last() } else { items.into_iter().next() };
            let Some(inner) = one else { return item(&frame, Value::UNKNOWN) };
            (kind, start, end, of) = (inner.kind, inner.start, inner.end, inner.of);
            inner.value
        }
        Kind::Choice => choice(items),
        Kind::Ident => return ident(walk, frame),
        // Their text is taken from the source by whoever needs it.
        Kind::Property | Kind::NamePattern | Kind::Operator => Value::UNKNOWN,
        Kind::This => this(&walk.source[start..end]),
        Kind::Constant => Value::path(&walk.source[start..end]),
        Kind::Number => escape::number(&walk.source[start..end]).map_or(Value::UNKNOWN, Value::number),
        Kind::Literal => literal(walk, start..end),
        Kind::Markup => {
            let value = Value::text(unescape(inside(&walk.source[start..end], 1)));
            told(walk, value, Marks::NONE, 0)
        }
        Kind::Chunk | Kind::RawChunk => Value::UNKNOWN,
        Kind::Text | Kind::Join => text(walk, items),
        Kind::Regex => {
            let pattern = walk.source[start..end].trim_start_matches('/').rsplit_once('/').map_or("", |(text, _)| text);
            Value::table(vec![(Rc::new("source".to_owned()), Value::text(pattern))])
        }
        Kind::List => list(frame.marks, items),
        Kind::Arguments => arguments(walk, frame.marks, items),
        Kind::Table => table(walk, frame.marks, items),
        Kind::Pair | Kind::Keyword => pair(walk, items),
        Kind::Shorthand => lookup(walk, &walk.source[start..end]),
        Kind::Spread => items.into_iter().next().map_or(Value::UNKNOWN, |inner| inner.value),
        Kind::Slice => Value::UNKNOWN,
        Kind::Member => {
            let (value, hangs_on) = member(walk, field, items);
            of = hangs_on;
            value
        }
        Kind::Subscript => {
            let (value, hangs_on) = subscript(walk, field, items);
            of = hangs_on;
            value
        }
        Kind::Call | Kind::New => call::call(walk, frame.kind == Kind::New, items),
        Kind::Binary => binary(walk, items),
        Kind::Unary => unary(walk, &items),
        Kind::Assign | Kind::Declare => assign(walk, items),
        Kind::Augment => augment(walk, items),
        Kind::ListPattern => Value::list(items.iter().map(|inner| pattern(walk, inner)).collect()),
        Kind::TablePattern => {
            let pairs = items.iter().filter_map(|inner| match inner.kind {
                Kind::Pair => named(inner),
                _ => pattern(walk, inner).as_text().map(|name| (Rc::new(name.to_owned()), Value::text(name))),
            });
            Value::table(pairs.collect())
        }
        Kind::DefaultPattern => default_pattern(walk, &items),
        Kind::AsPattern => {
            if let [first, second, ..] = items.as_slice() {
                let target = pattern(walk, second);
                bind_pattern(walk, &target, first.value.clone(), 0);
            }
            items.into_iter().next().map_or(Value::UNKNOWN, |inner| inner.value)
        }
        Kind::Function => function(walk, frame, &items),
        Kind::Parameters => {
            items.iter().for_each(|inner| parameter(walk, inner));
            Value::UNKNOWN
        }
        Kind::Attribute => attribute(walk, &items),
        Kind::Exit => exit(walk, start, items),
        Kind::While | Kind::For => end_loop(walk),
        Kind::ForIn => for_in(walk, &items),
        Kind::Comprehension => comprehension(walk, &frame, &items),
        Kind::Import | Kind::FromImport | Kind::ImportPart | Kind::ImportAll | Kind::Dotted => {
            super::imports::import(walk, frame.kind, start..end, items)
        }
        Kind::Exec => call::exec_statement(walk, items),
    };
    Item { field, kind, value, of, start, end }
}

fn item(frame: &Frame, value: Value) -> Item {
    Item { field: frame.field, kind: frame.kind, value, of: None, start: frame.start, end: frame.end }
}

fn union(frame: &Frame, items: &[Item]) -> Marks {
    items.iter().fold(frame.marks, |marks, inner| marks.with(inner.value.all_marks()))
}

fn this(text: &str) -> Value {
    Value::path(if text.starts_with("import") { "import" } else { "this" })
}

/// A name: what it stands for, unless it only gives one.
fn ident(walk: &mut Walk<'_, '_>, frame: Frame) -> Item {
    let text = &walk.source[frame.start..frame.end];
    let escaped = text.contains('\\');
    if escaped || !text.is_ascii() || text.starts_with("_0x") {
        walk.tell(Fact::Name { name: text, escaped });
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

fn lookup<'s>(walk: &mut Walk<'s, '_>, text: &'s str) -> Value {
    let name: Cow<'s, str> = if text.contains('\\') { Cow::Owned(escape::name(text)) } else { Cow::Borrowed(text) };
    match walk.names.get(&name) {
        Some(Value { shape: Shape::Unknown, marks }) => Value::path(format!("~{name}")).marked(*marks),
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

/// A literal as it stands in the source.
fn literal(walk: &mut Walk<'_, '_>, range: Range<usize>) -> Value {
    let source = &walk.source[range];
    let quote = source.find(['"', '\'', '`']).unwrap_or(0);
    let (prefix, quoted) = source.split_at(quote);
    let length = if walk.python && quoted.len() >= 6 && (quoted.starts_with("\"\"\"") || quoted.starts_with("'''")) {
        3
    } else {
        1
    };
    let body = inside(quoted, length);
    let (value, escaped) = if !body.contains('\\') || prefix.contains(['r', 'R']) {
        (Value::text(body), 0)
    } else {
        let (text, escaped) = unescaped(walk, body);
        (Value::text(text), escaped)
    };
    told(walk, value, Marks::NONE, escaped)
}

/// What stands between quotes. Of half a literal, what is there.
fn inside(quoted: &str, quotes: usize) -> &str {
    quoted.get(quotes..quoted.len().saturating_sub(quotes)).unwrap_or_default()
}

/// A text with its escapes read, and how many of them were needless.
fn unescaped(walk: &Walk<'_, '_>, text: &str) -> (String, usize) {
    if walk.python { (escape::python(text), escape::needless(text)) } else { escape::javascript(text) }
}

/// Tells of a text, unless it is part of one that is told of as a whole.
fn told(walk: &mut Walk<'_, '_>, value: Value, marks: Marks, escaped: usize) -> Value {
    if let Some(text) = value.as_text()
        && walk.parent() != Kind::Join
    {
        walk.tell(Fact::Text { text, marks, escaped });
    }
    value
}

/// A text of several parts.
fn text(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let (mut escaped, mut literal) = (0, true);
    let mut value = Value::text("");
    for inner in items {
        let part = match inner.kind {
            Kind::Chunk => {
                let (text, needless) = unescaped(walk, walk.span(&inner));
                escaped += needless;
                Value::text(text)
            }
            Kind::RawChunk => Value::text(walk.span(&inner)),
            // The width of a value is no part of the text.
            Kind::Block => continue,
            _ => {
                literal &= inner.kind == Kind::Literal;
                inner.value
            }
        };
        value = walk.append(value, &part);
    }
    let marks = if literal { Marks::NONE } else { value.marks };
    told(walk, value, marks, escaped)
}

fn list(marks: Marks, items: Vec<Item>) -> Value {
    Value::list(flat(items)).marked(marks)
}

/// Lists that are spread into a list become part of it.
fn flat(items: Vec<Item>) -> Vec<Value> {
    let mut values = Vec::with_capacity(items.len());
    for inner in items {
        match (inner.kind, inner.value.as_list()) {
            (Kind::Spread, Some(spread)) => values.extend(spread.iter().cloned()),
            _ => values.push(inner.value),
        }
    }
    values
}

fn arguments(walk: &mut Walk<'_, '_>, marks: Marks, items: Vec<Item>) -> Value {
    let (keywords, placed): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|inner| inner.kind == Kind::Keyword);
    let mut values = flat(placed);
    if !keywords.is_empty() {
        values.push(table(walk, Marks::NONE, keywords));
    }
    Value::list(values).marked(marks)
}

fn named(inner: &Item) -> Option<(Rc<String>, Value)> {
    match inner.value.as_list() {
        Some([key, value]) => Some((key.to_text(), value.clone())),
        _ => None,
    }
}

fn table(walk: &Walk<'_, '_>, marks: Marks, items: Vec<Item>) -> Value {
    let mut pairs = Vec::with_capacity(items.len());
    let mut marks = marks;
    for inner in items {
        match inner.kind {
            Kind::Pair | Kind::Keyword => pairs.extend(named(&inner)),
            Kind::Shorthand => pairs.push((Rc::new(walk.span(&inner).to_owned()), inner.value)),
            _ => {
                if let Shape::Table(spread) = &inner.value.shape {
                    pairs.extend(spread.iter().cloned());
                }
                marks = marks.with(inner.value.all_marks());
            }
        }
    }
    Value::table(pairs).marked(marks)
}

fn pair(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let mut items = items.into_iter();
    let (Some(key), Some(value)) = (items.next(), items.next()) else { return Value::UNKNOWN };
    let name = match key.kind {
        Kind::Property => Value::text(escape::name(walk.span(&key))),
        Kind::Ident if walk.parent() == Kind::Arguments || !walk.python => Value::text(walk.span(&key)),
        _ => Value { shape: Shape::Text(key.value.to_text()), marks: Marks::NONE },
    };
    let value = if walk.parent() == Kind::TablePattern { pattern(walk, &value) } else { value.value };
    Value::list(vec![name, value])
}

/// What a pattern names: a text for a name, a list or table of such for the rest.
fn pattern(walk: &Walk<'_, '_>, inner: &Item) -> Value {
    match inner.kind {
        Kind::Ident | Kind::NamePattern => Value::text(walk.span(inner)),
        Kind::ListPattern | Kind::TablePattern | Kind::DefaultPattern => inner.value.clone(),
        _ => Value::UNKNOWN,
    }
}

/// `name = value` in a pattern or among parameters: the value that it has when none is given.
fn default_pattern(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    let Some(first) = items.first() else { return Value::UNKNOWN };
    let names = pattern(walk, first);
    let given = items.iter().skip(1).find(|inner| matches!(inner.field, Field::Right | Field::Value));
    if let Some(given) = given.filter(|given| matters(&given.value)) {
        bind_pattern(walk, &names, given.value.clone(), 0);
    }
    names
}

fn bind_pattern(walk: &mut Walk<'_, '_>, pattern: &Value, value: Value, depth: usize) {
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
            for (key, name) in pairs.iter() {
                bind_pattern(walk, name, value.clone().member(key), depth + 1);
            }
        }
        Shape::Unknown | Shape::Number(_) | Shape::Path(_) | Shape::Function(_) => {}
    }
}

/// A parameter is a name of the file's own, whatever else goes by that name outside.
pub(super) fn parameter(walk: &mut Walk<'_, '_>, inner: &Item) {
    let names = pattern(walk, inner);
    bind_pattern(walk, &names, Value::UNKNOWN, 0);
}

fn choice(items: Vec<Item>) -> Value {
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
        _ => (object.member(name), None),
    }
}

fn member(walk: &mut Walk<'_, '_>, field: Field, items: Vec<Item>) -> (Value, Option<Value>) {
    let mut items = items.into_iter();
    let (Some(object), Some(property)) = (items.next(), items.next()) else { return (Value::UNKNOWN, None) };
    let name = escape::name(walk.span(&property));
    if let (Shape::List(values), "length") = (&object.value.shape, name.as_str()) {
        let length = u32::try_from(values.len()).unwrap_or(u32::MAX);
        return (Value::number(f64::from(length)), None);
    }
    let (value, of) = hang(walk, field, object.value, &name);
    (attribute_of(walk, value), of)
}

/// What was stored under the path, when that is known.
fn attribute_of(walk: &Walk<'_, '_>, value: Value) -> Value {
    if walk.attributes.is_empty() {
        return value;
    }
    let stored = value.as_path().and_then(|path| walk.attributes.get(path)).cloned();
    stored.map_or_else(|| value.clone(), |stored| stored.marked(value.marks))
}

fn subscript(walk: &mut Walk<'_, '_>, field: Field, items: Vec<Item>) -> (Value, Option<Value>) {
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
    match index.value.known() {
        Some(name) => {
            let literal = matches!(index.kind, Kind::Text | Kind::Literal);
            let shown = if literal { Marks::NONE } else { Marks::ASSEMBLED };
            let name = name.to_owned();
            let (value, of) = hang(walk, field, object.value, &name);
            (attribute_of(walk, value.marked(shown)), of)
        }
        None => {
            let found = index.value.all_marks();
            (object.value.member("[?]").marked(found), None)
        }
    }
}

fn binary(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let operator = items.iter().find(|inner| inner.field == Field::Operator).map_or("", |inner| walk.span(inner));
    if matches!(operator, "||" | "&&" | "??" | "or" | "and") {
        return choice(items);
    }
    let mut sides = items.into_iter().filter(|inner| inner.field != Field::Operator);
    let (Some(left), Some(right)) = (sides.next(), sides.next()) else { return Value::UNKNOWN };
    let (left, right) = (left.value, right.value);
    let marks = left.all_marks().with(right.all_marks());
    let is_text = matches!(left.shape, Shape::Text(_)) || matches!(right.shape, Shape::Text(_));
    let value = match operator {
        "+" if is_text => walk.append(left, &right).marked(Marks::ASSEMBLED),
        "+" => match (left.as_list(), right.as_list()) {
            (Some(one), Some(other)) if walk.pay(one.len() * 16) => Value::list([one, other].concat()),
            _ => arithmetic(operator, &left, &right),
        },
        "%" if walk.python && left.as_text().is_some() => percent(&left, &right),
        "*" if is_text => match (left.known(), right.as_number(), right.known(), left.as_number()) {
            (Some(text), Some(count), _, _) | (_, _, Some(text), Some(count)) if walk.pay(4096) => {
                call::allocation(walk, count * 1.0);
                fold::repeat(text, count)
            }
            _ => Value::UNKNOWN,
        },
        "*" if left.as_list().is_some() || right.as_list().is_some() => {
            let count = left.as_number().or(right.as_number()).unwrap_or(0.0);
            call::allocation(walk, count * 8.0);
            Value::UNKNOWN
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
    let value = value.marked(marks);
    tell_assembled(walk, &value);
    value
}

/// Tells of a text that was put together, once it is whole.
pub(super) fn tell_assembled(walk: &mut Walk<'_, '_>, value: &Value) {
    if matches!(walk.parent(), Kind::Binary | Kind::Member) {
        return;
    }
    if let Some(text) = value.as_text()
        && walk.pay(text.len())
    {
        walk.tell(Fact::Text { text, marks: value.marks.with(Marks::ASSEMBLED), escaped: 0 });
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

fn unary(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    let operator = items.iter().find(|inner| inner.field == Field::Operator).map_or("", |inner| walk.span(inner));
    let Some(inner) = items.iter().find(|inner| inner.field != Field::Operator) else { return Value::UNKNOWN };
    match (operator, &inner.value.shape) {
        ("-", Shape::Number(number)) => Value::number(-number),
        ("+", Shape::Number(number)) => Value::number(*number),
        ("!", Shape::Number(number)) => Value::path(if *number == 0.0 { "true" } else { "false" }),
        ("!", Shape::List(_) | Shape::Table(_)) => Value::path("false"),
        ("!", Shape::Path(path)) if path.as_str() == "false" => Value::path("true"),
        _ => Value::unknown(inner.value.all_marks()),
    }
}

fn assign(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let mut items = items.into_iter();
    let Some(left) = items.next() else { return Value::UNKNOWN };
    let value = items.last().filter(|inner| matches!(inner.field, Field::Right | Field::Value));
    let value = value.map_or(Value::UNKNOWN, |inner| inner.value);
    match left.kind {
        Kind::Member | Kind::Subscript => {
            if let Some(path) = left.value.as_path() {
                let path = path.to_owned();
                if matters(&value) && path.contains('.') && !path.contains("[?]") {
                    walk.attributes.insert(path.clone(), value.clone());
                }
                walk.tell(Fact::Assign { path: &path, value: &value });
            }
        }
        Kind::Ident => {
            let name = walk.span(&left);
            if matters(&value) {
                walk.tell(Fact::Assign { path: name, value: &value });
            }
            walk.bind(Cow::Borrowed(name), value.clone());
        }
        _ => {
            let names = pattern(walk, &left);
            bind_pattern(walk, &names, value.clone(), 0);
        }
    }
    value
}

fn augment(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let operator = items.iter().find(|inner| inner.field == Field::Operator).map_or("", |inner| walk.span(inner));
    let appends = operator == "+=";
    let mut sides = items.into_iter().filter(|inner| inner.field != Field::Operator);
    let (Some(left), Some(right)) = (sides.next(), sides.next()) else { return Value::UNKNOWN };
    if appends && matches!(right.value.shape, Shape::Text(_) | Shape::List(_)) {
        grow(walk);
    }
    if left.kind != Kind::Ident {
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
        walk.append(old, &right.value).marked(Marks::ASSEMBLED)
    } else {
        Value { shape: Shape::Unknown, marks: old.marks.with(marks) }
    };
    walk.bind(Cow::Borrowed(name), value);
    Value::unknown(marks)
}

fn function(walk: &mut Walk<'_, '_>, frame: Frame, items: &[Item]) -> Value {
    walk.loops.pop();
    let text = &walk.source[frame.start..frame.end];
    let decodes = text.len() <= DECODER_BYTES_MAX
        && (text.contains("fromCharCode") || text.contains("chr(") && (text.contains('^') || text.contains("ord(")));
    let returned = frame.returned.filter(matters).map(Rc::new);
    let mut value = Value { shape: Shape::Function(returned), marks: Marks::NONE };
    if decodes {
        value.marks = Marks::DECODED.with(Marks::ASSEMBLED);
    }
    if let Some(name) = items.iter().find(|inner| inner.field == Field::Name && inner.kind == Kind::Ident) {
        walk.bind(Cow::Borrowed(walk.span(name)), value.clone());
    }
    value
}

fn attribute(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    if let [name, value, ..] = items {
        let path = format!("jsx.{}", walk.span(name));
        walk.tell(Fact::Assign { path: &path, value: &value.value });
    }
    Value::UNKNOWN
}

fn innermost<'w>(walk: &'w mut Walk<'_, '_>) -> Option<&'w mut Loop> {
    walk.loops.last_mut().filter(|frame| !frame.is_function)
}

pub(super) fn wait(walk: &mut Walk<'_, '_>) {
    for frame in walk.loops.iter_mut().rev().take_while(|frame| !frame.is_function) {
        frame.waits = true;
    }
}

pub(super) fn leave(walk: &mut Walk<'_, '_>) {
    for frame in walk.loops.iter_mut().rev().take_while(|frame| !frame.is_function) {
        frame.leaves = true;
    }
}

pub(super) fn grow(walk: &mut Walk<'_, '_>) {
    for frame in walk.loops.iter_mut().rev().take_while(|frame| !frame.is_function) {
        frame.grows = true;
    }
}

fn exit(walk: &mut Walk<'_, '_>, start: usize, items: Vec<Item>) -> Value {
    let text = &walk.source[start..];
    if text.starts_with("break") {
        if let Some(frame) = innermost(walk) {
            frame.leaves = true;
        }
        return Value::UNKNOWN;
    }
    if text.starts_with("yield") {
        wait(walk);
    } else {
        leave(walk);
    }
    let value = items.into_iter().next().map_or(Value::UNKNOWN, |inner| inner.value);
    if matters(&value) {
        walk.tell(Fact::Assign { path: "~return", value: &value });
    }
    if text.starts_with("return")
        && matters(&value)
        && let Some(function) = walk.frames.iter_mut().rev().find(|frame| frame.kind == Kind::Function)
    {
        function.returned = Some(value);
    }
    Value::UNKNOWN
}

fn end_loop(walk: &mut Walk<'_, '_>) -> Value {
    if let Some(ended) = walk.loops.pop() {
        if ended.endless && !ended.leaves && !ended.waits && (ended.grows || !ended.calls) {
            walk.tell(Fact::Endless { grows: ended.grows });
        }
        if ended.calls
            && let Some(outer) = innermost(walk)
        {
            outer.calls = true;
        }
    }
    Value::UNKNOWN
}

fn for_in(walk: &mut Walk<'_, '_>, items: &[Item]) -> Value {
    let side = |field: Field| items.iter().find(|inner| inner.field == field);
    if let (Some(left), Some(right)) = (side(Field::Left), side(Field::Right)) {
        let names = pattern(walk, left);
        // One of the elements stands for all.
        let element = match right.value.as_list() {
            Some(values) => values.first().cloned().unwrap_or(Value::UNKNOWN),
            None => Value::unknown(right.value.all_marks()),
        };
        bind_pattern(walk, &names, element.marked(right.value.all_marks()), 0);
    }
    Value::UNKNOWN
}

fn comprehension(walk: &Walk<'_, '_>, frame: &Frame, items: &[Item]) -> Value {
    let text = &walk.source[frame.start..frame.end];
    let decodes = text.len() <= DECODER_BYTES_MAX && text.contains("chr(");
    let marks = union(frame, items);
    Value::unknown(if decodes { marks.with(Marks::DECODED).with(Marks::ASSEMBLED) } else { marks })
}

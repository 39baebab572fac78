//! Calls: what is told of them, and what they give.

use std::ops::Range;

use super::{
    applied::{Reached, applied, own_arguments, reached},
    given::give,
    growth::{allocated, allocation, kept, loops, rearms, starts_itself},
    redirect::redirected,
    reduce::{self, tell_assembled, tell_joined},
    sources::call_marks,
    walk::{Item, Walk},
};
use crate::guard::{
    fact::{Call, Fact, method},
    fold,
    syntax::kinds::{Field, Kind},
    value::{Marks, Shape, Value},
};

/// A call or a `new`: its facts are told, then what is known of its result is returned.
pub(super) fn call(walk: &mut Walk<'_, '_>, is_new: bool, items: Vec<Item>) -> Value {
    let (Some(callee), mut args, given) = parts(items) else { return Value::UNKNOWN };
    let path = callee.value.as_path().unwrap_or_default();
    let reached = reached(walk, &callee, path);
    if let Some(reached) = reached {
        let marks = args.marks;
        args = Value::list(own_arguments(reached, args.as_list().unwrap_or_default())).marked(marks);
    }
    let values = args.as_list().unwrap_or_default();
    if reached == Some(Reached::Bind) && values.is_empty() {
        return callee.value;
    }
    if let (Some(name), Some(of)) = (path.strip_prefix("~methodcaller."), values.first()) {
        let method = of.clone().member(name);
        let path = method.as_path().unwrap_or_default();
        let (endless, python) = (walk.is_endless(), walk.python);
        walk.tell(Fact::Call(Call { marks: method.marks, endless, python, ..Call::new(path, &[], Marks::NONE) }));
        return Value::path(format!("{path}()"));
    }
    if let Some(name) = path.strip_prefix("~attrgetter.") {
        return values.first().cloned().unwrap_or(Value::UNKNOWN).member(name);
    }
    loops(walk, path, values);
    reduce::doubling::called(walk, callee.start..callee.end, &walk.source[given]);
    gather(walk, &callee, values);
    give(walk, &callee, &args);
    rearms(walk, path, &callee, values);
    let endless = walk.is_endless() || starts_itself(walk, path, values);
    let python = walk.python;
    let marks = callee.value.marks;
    let of = callee.of.as_ref();
    walk.tell(Fact::Call(Call { of, marks, endless, python, ..Call::new(path, values, args.marks) }));
    applied(walk, path, &callee, values);
    if reached == Some(Reached::Bind) {
        return callee.value;
    }
    if let Some(value) = redirected(walk, path, values) {
        return value;
    }
    let size = allocated(path, &callee, values);
    if let Some(size) = size {
        allocation(walk, size);
    }
    let kept = kept(size.unwrap_or_default());
    let folded = match &callee.of {
        Some(of) if walk.pay(4096) => fold::method(of, method(path), values),
        _ if is_new && path == "URL" => fold::address(values),
        _ if is_new => None,
        _ => fold::function(path, values),
    };
    if let Some(value) = folded {
        if method(path) == "join" {
            tell_joined(walk, &value);
        }
        tell_assembled(walk, &value);
        return value.marked(kept);
    }
    let one = args.marks.has(Marks::ENVIRONMENT) && picks(walk, &callee, values);
    let arguments = args.all_marks().without(if one { Marks::ENVIRONMENT } else { Marks::NONE });
    let own = call_marks(path, values).without(named_folder(callee.of.as_ref().or(values.first())));
    let marks = own.with(if own.has(Marks::TAMED) { arguments.without(Marks::REQUEST) } else { arguments });
    // A text that was put together for a function is no part of what that gives.
    let hidden = if marks.has(Marks::DECODED) { Marks::NONE } else { Marks::ASSEMBLED };
    callee.value.called(marks.without(hidden).with(kept))
}

/// What is called, what it is given, and where that stands.
fn parts(items: Vec<Item>) -> (Option<Item>, Value, Range<usize>) {
    let (mut callee, mut args, mut given) = (None, Value::list(Vec::new()), 0..0);
    for inner in items {
        match inner.field {
            Field::Function => callee = Some(inner),
            Field::Arguments => {
                given = inner.start..inner.end;
                // A tagged template or a generator is the only argument.
                args = if inner.kind == Kind::Arguments { inner.value } else { Value::list(vec![inner.value]) };
            }
            _ => {}
        }
    }
    (callee, args, given)
}

/// What is in a folder that the app names, it has put there itself.
fn named_folder(folder: Option<&Value>) -> Marks {
    let named = folder.and_then(Value::known).is_some_and(|path| {
        let path = path.trim_start_matches("./");
        path.starts_with(|c: char| c.is_ascii_alphanumeric()) && !path.contains("..") && !path.contains(':')
    });
    if named { Marks::LISTED } else { Marks::NONE }
}

/// `read(process.env, "API_URL")`: a function of the app's own, told a variable by its name, gives that one and not the
/// whole environment. What others make of a second argument is another matter.
fn picks(walk: &Walk<'_, '_>, callee: &Item, values: &[Value]) -> bool {
    let [environment, name, ..] = values else { return false };
    if values.len() > 3 || !environment.all_marks().has(Marks::ENVIRONMENT) || !name.known().is_some_and(is_variable) {
        return false;
    }
    let span = walk.span(callee);
    let path = callee.value.as_path();
    matches!(callee.value.shape, Shape::Function(_))
        || path.is_some_and(|path| path.starts_with('~') && !path.starts_with("~''") && !path.starts_with("~[]"))
        // It is written below.
        || path == Some(span) && walk.declares(span)
}

/// `API_URL`
fn is_variable(text: &str) -> bool {
    text.len() >= 3
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `list.push(secret)`: what is gathered stays what it was.
fn gather(walk: &mut Walk<'_, '_>, callee: &Item, values: &[Value]) {
    const GATHERED: Marks =
        Marks::KEYS.with(Marks::COOKIE).with(Marks::PASSWORD).with(Marks::ENVIRONMENT).with(Marks::CREDENTIAL);
    let span = walk.span(callee);
    let Some((
        name,
        "push" | "append" | "add" | "unshift" | "insert" | "extend" | "set_content" | "attach" | "update" | "set",
    )) = span.rsplit_once('.')
    else {
        return;
    };
    let marks = values.iter().fold(Marks::NONE, |marks, value| marks.with(value.all_marks()));
    if marks.has(GATHERED)
        && let Some(list) = walk.names.get_mut(name)
    {
        list.marks = Marks(list.marks.0 | marks.0 & GATHERED.0);
    }
}

/// `exec "code"` of Python 2, which is still a call of exec.
pub(super) fn exec_statement(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let args: Vec<Value> = items.into_iter().map(|inner| inner.value).collect();
    let endless = walk.is_endless();
    let given = args.iter().fold(Marks::NONE, |marks, arg| marks.with(arg.all_marks()));
    walk.tell(Fact::Call(Call { endless, python: true, ..Call::new("exec", &args, given) }));
    Value::UNKNOWN
}

/// `@f` is a call of f, with what stands below it.
pub(super) fn decorator(walk: &mut Walk<'_, '_>, items: &[Item]) {
    let Some(value) = items.first().map(|inner| inner.value.clone()) else { return };
    // One with arguments of its own is told of as the call that it is.
    if let Some(path) = value.as_path().filter(|path| !path.ends_with(')')) {
        let below = [Value::UNKNOWN];
        let call = Call { marks: value.marks, python: true, ..Call::new(path, &below, Marks::NONE) };
        walk.tell(Fact::Call(call));
    }
}

//! Calls of what is handed over: a function goes to another, with what it is to be given.
//!
//! ```text
//!   rm.apply(null, ["/"])   setTimeout(rm, 9, "/")   Thread(target=rm, args=("/",))   ["/"].forEach(rm)   partial(rm, "/")
//!        └────────────────────────┴──────────────────────┬─────────────────┴──────────────────┘
//!                                                        ▼
//!                                                     rm("/")
//! ```
//! When it is called does not matter, nor whether it ever is: nobody hands over what is not meant to be called.

use super::walk::{Item, Walk};
use crate::guard::{
    fact::{Call, Fact, method},
    syntax::kinds::Kind,
    value::{Marks, Value},
    worst,
};

/// How a function is reached by one of its own methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// `f.call(this, a, b)`
    Call,
    /// `f.apply(this, [a, b])`
    Apply,
    /// `f.bind(this, a)`: it is not called yet.
    Bind,
}

/// Whether a callee is such a method of a function that is known, whose path is the function's own.
pub(super) fn reached(walk: &Walk<'_, '_>, callee: &Item, path: &str) -> Option<Reached> {
    if walk.python || callee.kind != Kind::Member || path.is_empty() || path.starts_with('~') {
        return None;
    }
    let by = walk.span(callee).rsplit('.').next().unwrap_or_default();
    let reached = match by {
        "call" => Reached::Call,
        "apply" => Reached::Apply,
        "bind" => Reached::Bind,
        _ => return None,
    };
    (method(path) != by).then_some(reached)
}

/// Arguments in a list that are told apart; what is behind them is one more.
const ARGUMENTS_MAX: usize = 64;

/// What the function itself is given.
pub(super) fn own_arguments(reached: Reached, args: &[Value]) -> Vec<Value> {
    let rest = args.get(1..).unwrap_or_default();
    match (reached, rest.first()) {
        (Reached::Apply, Some(list)) => spread(list).unwrap_or_else(|| rest.to_vec()),
        (Reached::Apply | Reached::Call | Reached::Bind, _) => rest.to_vec(),
    }
}

/// The elements of a list as arguments. One list may be handed over again and again: no more is copied than is asked for.
fn spread(list: &Value) -> Option<Vec<Value>> {
    let elements = list.as_list()?;
    let mut given = elements.get(..ARGUMENTS_MAX).unwrap_or(elements).to_vec();
    if elements.len() > ARGUMENTS_MAX {
        given.push(Value::unknown(list.marks));
    }
    Some(given)
}

/// Tells of the call that another one makes, or will make.
pub(super) fn applied(walk: &mut Walk<'_, '_>, path: &str, callee: &Item, args: &[Value]) {
    let Some((function, given)) = handed(path, callee, args) else { return };
    let Some(target) = function.as_path().filter(|target| !target.is_empty() && !target.starts_with('~')) else {
        return;
    };
    let target = target.to_owned();
    let marks = given.iter().fold(Marks::NONE, |marks, arg| marks.with(arg.all_marks()));
    let python = walk.python;
    walk.tell(Fact::Call(Call { marks: function.marks, python, ..Call::new(&target, &given, marks) }));
}

/// A function that is handed over, and what it will be given.
fn handed(path: &str, callee: &Item, args: &[Value]) -> Option<(Value, Vec<Value>)> {
    let from = |at: usize| args.get(at..).unwrap_or_default().to_vec();
    let list = |at: usize| args.get(at).and_then(spread).unwrap_or_default();
    let named = |name: &str| args.iter().rev().find_map(|arg| arg.get(name)).cloned();
    let (function, given) = match path {
        "functools.partial"
        | "atexit.register"
        | "asyncio.to_thread"
        | "trio.to_thread.run_sync"
        | "anyio.to_thread.run_sync"
        | "process.nextTick"
        | "setImmediate"
        | "contextlib.ExitStack().callback"
        | "weakref.finalize" => (args.first()?, from(1)),
        "setTimeout" | "setInterval" => (args.first()?, from(2)),
        "_thread.start_new_thread" => (args.first()?, list(1)),
        "threading.Timer" => (args.get(1)?, list(2)),
        "threading.Thread" | "multiprocessing.Process" | "multiprocessing.context.Process" => {
            let mut given = named("args").as_ref().and_then(spread).unwrap_or_default();
            given.extend(named("kwargs"));
            return Some((named("target")?, given));
        }
        "map" | "filter" => (args.first()?, vec![worst::each(args.get(1)?.as_list()?)]),
        _ => match method(path) {
            "submit" | "apply_async" | "call_soon" | "call_soon_threadsafe" | "add_done_callback" => {
                (args.first()?, from(1))
            }
            "run_in_executor" | "call_later" | "call_at" => (args.get(1)?, from(2)),
            "forEach" | "map" => {
                let values = callee.of.as_ref().and_then(Value::as_list)?;
                (args.first()?, vec![worst::each(values)])
            }
            "starmap" | "imap" | "imap_unordered" => (args.first()?, vec![worst::each(args.get(1)?.as_list()?)]),
            _ => return None,
        },
    };
    (!given.is_empty()).then(|| (function.clone(), given))
}

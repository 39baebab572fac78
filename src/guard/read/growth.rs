//! What calls cost: memory that they take and keep, and work that they see to being done again.

use super::{
    reduce,
    walk::{Item, TURNS_MAX, Walk},
};
use crate::guard::{
    fact::{Fact, method},
    rules,
    syntax::kinds::Kind,
    value::{HOLE, Marks, Shape, Value},
};

/// Bytes, or elements of eight, that one allocation may have before it is one of a bomb's.
const ALLOCATION_MAX: f64 = 1e9;
/// Bytes of an allocation that, kept again and again, fill a small machine.
const HOARDED_MIN: f64 = 1e6;
/// Methods that make something grow.
const GROWING: [&str; 23] = [
    "fetch",
    "sendto",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "writeFileSync",
    "appendFileSync",
    "mkdirSync",
    "fill",
    "concat",
    "set",
    "push",
    "append",
    "extend",
    "add",
    "unshift",
    "alloc",
    "allocUnsafe",
    "appendChild",
    "insert",
    "put",
    "write",
    "Worker",
];
/// Methods and functions that wait for the outside or give the thread away.
const WAITING: [&str; 30] = [
    "sleep",
    "recv",
    "recvfrom",
    "accept",
    "get",
    "input",
    "read",
    "readline",
    "readlines",
    "wait",
    "poll",
    "select",
    "join",
    "serve_forever",
    "next",
    "question",
    "prompt",
    "tick",
    "update",
    "flip",
    "getch",
    "event",
    "shift",
    "pop",
    "popleft",
    "get_nowait",
    "fetchone",
    "acquire",
    "listen",
    "exec",
];

/// The mark of an allocation of so many bytes.
pub(super) const fn kept(bytes: f64) -> Marks {
    if bytes >= HOARDED_MIN { Marks::HOARD } else { Marks::NONE }
}

/// A function that allocates, keeps it, and sees to it that it runs again.
pub(super) fn rearms(walk: &mut Walk<'_, '_>, path: &str, callee: &Item, args: &[Value]) {
    if GROWING.contains(&method(path)) && args.iter().any(|arg| arg.marks.has(Marks::HOARD)) {
        reduce::hoard(walk);
    }
    starts(walk, path, callee, args);
    let again = match path {
        "setImmediate" | "setTimeout" | "queueMicrotask" | "process.nextTick" | "requestAnimationFrame" => {
            args.first().and_then(Value::as_path).is_some_and(|name| reduce::runs_itself(walk, name))
        }
        "setInterval" => args.first().is_some_and(|arg| arg.marks.has(Marks::HOARD)),
        _ => callee.kind == Kind::Ident && reduce::runs_itself(walk, walk.span(callee)),
    };
    if again {
        walk.tell(Fact::Endless { grows: true });
    }
}

/// A function that starts a process, and is called whenever one has started.
fn starts(walk: &mut Walk<'_, '_>, path: &str, callee: &Item, args: &[Value]) {
    let starter = |value: &Value| matches!(value.shape, Shape::Function(_)) && value.marks.has(Marks::SPAWNS);
    let process = matches!(path, "cluster.fork" | "child_process.fork" | "worker_threads.Worker" | "Worker");
    if process || starter(&callee.value) {
        reduce::spawn(walk);
    }
    if !matches!(method(path), "on" | "once" | "addListener") {
        return;
    }
    let started = match args.first().and_then(Value::known) {
        Some("online" | "spawn") => true,
        Some("fork" | "listening") => path.starts_with("cluster."),
        Some(_) | None => false,
    };
    if started && args.iter().skip(1).any(|arg| starter(arg) || arg.as_path() == Some("cluster.fork")) {
        walk.tell(Fact::Plain { rule: &rules::FORK, what: "each process that has started starts another" });
    }
}

/// A process that starts the function that it is in: each one makes more.
pub(super) fn starts_itself(walk: &Walk<'_, '_>, path: &str, args: &[Value]) -> bool {
    let pooled = path.contains("ProcessPoolExecutor()") || path.contains("multiprocessing.Pool()");
    let first = args.first().and_then(Value::as_path);
    pooled && first.is_some_and(|name| walk.is_inside(name))
        || matches!(path, "multiprocessing.Process" | "threading.Thread")
            && args
                .iter()
                .any(|arg| arg.get("target").and_then(Value::as_path).is_some_and(|name| walk.is_inside(name)))
}

/// `get(f"{API}/getUpdates", params={"timeout": 60})`: one question, which its own service answers when there is news.
fn polls(url: Option<&str>, args: &[Value]) -> bool {
    const SECONDS_MIN: f64 = 5.0;
    let path = url.and_then(|url| url.strip_prefix(HOLE)).is_some_and(|rest| rest.starts_with('/') && rest.len() > 2);
    let asked = args.iter().rev().find_map(|arg| arg.get("params"));
    let waits = |key: &str| asked.and_then(|asked| asked.get(key)).and_then(Value::as_number);
    path && ["timeout", "wait", "wait_seconds"]
        .iter()
        .any(|key| waits(key).is_some_and(|seconds| seconds >= SECONDS_MIN))
}

/// What the call means to the loops around it.
pub(super) fn loops(walk: &mut Walk<'_, '_>, path: &str, args: &[Value]) {
    let Some(innermost) = walk.loops.last_mut() else { return };
    if innermost.is_function {
        return;
    }
    innermost.calls = true;
    let method = method(path);
    if GROWING.contains(&method) {
        reduce::grow(walk);
    }
    // What is made of an answer asks nobody.
    let answer = path.contains("().") && matches!(method, "json" | "raise_for_status" | "decode" | "iter_lines");
    if walk.python && !answer && ["requests.", "httpx."].iter().any(|start| path.starts_with(start)) {
        let url = args.iter().find_map(Value::as_text);
        let host = url.and_then(|url| url.split_once("://")).map(|(_, host)| host);
        let named = host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric()));
        reduce::ask(walk, named || polls(url, args));
    } else if WAITING.contains(&method) {
        reduce::wait(walk);
    }
    if matches!(path, "process.exit" | "sys.exit" | "exit" | "quit" | "os._exit" | "process.abort") {
        reduce::leave(walk);
    }
}

/// The size that a call allocates by itself.
pub(super) fn allocated(path: &str, callee: &Item, args: &[Value]) -> Option<f64> {
    let number = args.first().and_then(Value::as_number);
    match path {
        "Buffer.alloc" | "Buffer.allocUnsafe" | "bytearray" | "bytes" | "ArrayBuffer" | "SharedArrayBuffer"
        | "Uint8Array" => {
            args.first().filter(|value| matches!(value.shape, Shape::Number(_)))?;
            number
        }
        "Array" | "Float64Array" | "numpy.zeros" | "numpy.ones" | "numpy.empty" => {
            args.first().filter(|value| matches!(value.shape, Shape::Number(_)))?;
            number.map(|count| count * 8.0)
        }
        "range" => args.last()?.as_number().filter(|turns| *turns >= TURNS_MAX).map(|_| HOARDED_MIN),
        "list" | "tuple" | "set" | "sorted" | "numpy.arange" | "collections.deque"
            if args.first().is_some_and(|arg| arg.as_path() == Some("range()") && arg.marks.has(Marks::HOARD)) =>
        {
            Some(ALLOCATION_MAX)
        }
        "Array.from" => args.first()?.get("length")?.as_number().map(|count| count * 8.0),
        "~''.repeat" => {
            let length = callee.of.as_ref().and_then(Value::as_text).map_or(1, str::len);
            number.map(|count| count * length as f64)
        }
        _ => None,
    }
}

/// Tells of an allocation that no small machine has memory for.
pub(super) fn allocation(walk: &mut Walk<'_, '_>, bytes: f64) {
    if bytes >= ALLOCATION_MAX {
        walk.tell(Fact::Plain { rule: &rules::ALLOCATION, what: "more than a gigabyte at once" });
    }
}

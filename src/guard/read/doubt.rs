//! Where a text goes of which it is in doubt whether it leads anywhere.
//!
//! ```text
//!   const DENIED = ["169.254.169.254"]      the list is marked: what it names is in doubt
//!   DENIED.some((host) => host === asked)   what is handed to the callback is marked in the second walk, and only compared
//!   http.get({ host: DENIED[0] })           handed to something that is not known to go nowhere ─► it reaches
//! ```
//! Only what is known to go nowhere does: comparing, printing, collecting, testing. A function of the file is followed,
//! and whatever else is called with such a text may open it.

use super::walk::{Item, Walk};
use crate::guard::{
    fact::{Fact, method},
    syntax::kinds::Kind,
    value::{Marks, Shape, Value},
};

/// Tells what becomes of texts in doubt that a call is given, or that it hangs on. `given`: where its arguments stand.
pub(super) fn handed(walk: &mut Walk<'_, '_>, callee: &Item, path: &str, args: &Value, given: usize) {
    let marks = args.marks.with(callee.value.all_marks());
    if !marks.has(Marks::DOUBT) {
        return;
    }
    let values = args.as_list().unwrap_or_default();
    let followed = args.marks.has(Marks::DOUBT) && is_own(walk, callee, path);
    if followed {
        let name = walk.span(callee).rsplit('.').next().unwrap_or_default();
        if walk.again && !walk.given.knows(name) {
            walk.tell(Fact::Reaches { path: "", marks });
        }
        walk.late.ask();
    } else {
        // A document that is no window's is changed in itself.
        let inert =
            callee.value.all_marks().has(Marks::PAGE) && !path.starts_with("document") && is_of_tree(method(path));
        let marks = if inert { marks.without(Marks::PAGE) } else { marks };
        walk.tell(Fact::Reaches { path, marks });
    }
    // A test's name may say what is tested.
    if is_frame(path) && !callee.value.all_marks().has(Marks::DOUBT) {
        return;
    }
    for function in values.iter().flat_map(|value| named(value).chain([value])) {
        match &function.shape {
            Shape::Function(_) => {
                walk.late.ask();
                walk.given.callbacks.insert(given);
                let name = walk.source[given..].trim_start_matches('(').split([',', ')']).next().unwrap_or_default();
                walk.given.doubt = walk.given.doubt.with(marks.doubt());
                walk.given.hand(name.trim(), Value::unknown(marks.doubt()));
            }
            Shape::Path(target) if calls_back(method(path)) && !target.starts_with('~') => {
                walk.tell(Fact::Reaches { path: target, marks });
            }
            Shape::Unknown | Shape::Text(_) | Shape::Number(_) | Shape::List(_) | Shape::Table(_) | Shape::Path(_) => {}
        }
    }
}

/// Values of keyword arguments.
fn named(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_table().unwrap_or_default().iter().take(NAMED_MAX).map(|(_, value)| value)
}

/// Keyword arguments that are looked at.
const NAMED_MAX: usize = 16;

/// Whether the file's own code is called, of which the second walk knows what it is given.
fn is_own(walk: &Walk<'_, '_>, callee: &Item, path: &str) -> bool {
    matches!(callee.kind, Kind::Ident | Kind::Member)
        && (matches!(callee.value.shape, Shape::Function(_))
            || walk.given.methods.contains(walk.span(callee).rsplit('.').next().unwrap_or_default())
            // It is written below.
            || path == walk.span(callee) && walk.declares(path))
}

/// What the result of a call still holds of a text in doubt: of a comparison, nothing.
pub(super) fn left(path: &str, marks: Marks) -> Marks {
    let told = searches(method(path)) || asks(method(path)) || matches!(path, "any" | "all" | "len" | "isinstance");
    if told { Marks::NONE } else { marks.doubt() }
}

/// Methods that search a text, by names that texts have in every language.
fn searches(method: &str) -> bool {
    matches!(
        method,
        "includes"
            | "startsWith"
            | "endsWith"
            | "indexOf"
            | "startswith"
            | "endswith"
            | "localeCompare"
            | "__contains__"
    )
}

/// Methods that ask whether something is in it, of sets, tables, patterns and checks.
fn asks(method: &str) -> bool {
    matches!(
        method,
        "has" | "contains" | "equals" | "equal" | "test" | "match" | "search" | "fullmatch" | "count" | "check"
    )
}

/// Methods that hand what they hang on, or are given, to a function.
fn calls_back(method: &str) -> bool {
    matches!(
        method,
        "map"
            | "filter"
            | "forEach"
            | "some"
            | "every"
            | "find"
            | "findIndex"
            | "flatMap"
            | "reduce"
            | "from"
            | "sorted"
            | "min"
            | "max"
            | "apply"
            | "starmap"
            | "submit"
    )
}

/// Whether a path begins at a frame that runs tests.
fn is_frame(path: &str) -> bool {
    const FRAMES: [&str; 16] = [
        "test",
        "it",
        "describe",
        "suite",
        "before",
        "beforeEach",
        "expect",
        "assert",
        "chai",
        "vitest",
        "vi",
        "jest",
        "pytest",
        "unittest",
        "tap",
        "ava",
    ];
    let root = &path[..path.find(['.', '(', '[', '/']).unwrap_or(path.len())];
    FRAMES.contains(&root)
}

/// Whether a call leads nowhere, whatever it is given.
pub(in crate::guard) fn goes_nowhere(path: &str) -> bool {
    let name = method(path);
    let root = &path[..path.find(['.', '(', '[', '/']).unwrap_or(path.len())];
    let own = path.starts_with('~');
    let brought = ["~./", "~../", "~/", "~@"].iter().any(|start| path.starts_with(start));
    let literal = ["~''.", "~[].", "~{}."].iter().any(|start| path.starts_with(start));
    let plain = matches!(
        root,
        "Set"
            | "WeakSet"
            | "Map"
            | "RegExp"
            | "re"
            | "Object"
            | "Array"
            | "String"
            | "JSON"
            | "Symbol"
            | "Number"
            | "Boolean"
            | "frozenset"
            | "set"
            | "list"
            | "dict"
            | "tuple"
            | "str"
            | "repr"
            | "any"
            | "all"
            | "len"
            | "sorted"
            | "reversed"
            | "enumerate"
            | "zip"
            | "filter"
            | "map"
            | "isinstance"
            | "min"
            | "max"
            | "iter"
            | "next"
            | "bool"
            | "int"
            | "type"
            | "hash"
            | "format"
            | "print"
            | "console"
            | "json"
            | "ipaddress"
            | "decodeURIComponent"
            | "encodeURIComponent"
            | "encodeURI"
            | "URL"
            | "jsonify"
            | "alert"
            | "structuredClone"
            | "textwrap"
            | "collections"
            | "types"
            | "typing"
            | "itertools"
            | "random"
    );
    let asserts = name.starts_with("assert") || matches!(name, "subTest" | "parametrize" | "expand");
    let parses = path.starts_with("urllib.parse.") || path.starts_with("net.BlockList") || path.starts_with("net.isIP");
    // What is collected, is marked; what is answered goes to whoever has asked.
    let keeps = matches!(
        name,
        "push"
            | "append"
            | "add"
            | "unshift"
            | "extend"
            | "insert"
            | "update"
            | "setdefault"
            | "concat"
            | "join"
            | "keys"
            | "values"
            | "items"
            | "entries"
            | "json"
            | "jsonify"
            | "send"
            | "end"
            | "render"
            | "log"
            | "debug"
            | "info"
            | "warn"
            | "warning"
            | "error"
            | "createTextNode"
            | "insertCell"
            | "has"
            | "contains"
            | "equals"
            | "lower"
            | "upper"
            | "toLowerCase"
            | "toUpperCase"
            | "strip"
            | "trim"
            | "split"
            | "slice"
            | "toString"
            | "sort"
            | "pop"
            | "at"
            | "writeln"
            | "format"
            | "encode"
            | "charAt"
            | "forEach"
            | "map"
            | "filter"
            | "some"
            | "every"
            | "find"
            | "findIndex"
            | "flatMap"
            | "reduce"
            | "freeze"
            | "test"
            | "match"
    );
    (plain || is_frame(path) || parses || literal) && !path.ends_with(".exec")
        || searches(name) && !brought
        || asserts && own && !brought
        || matches!(path, "document.createTextNode" | "flask.jsonify" | "sys.stdout.write" | "Flask")
        || root == "logging" && matches!(name, "info" | "warning" | "error" | "debug" | "exception" | "critical")
        || keeps && own && !brought
}

/// Methods of a document's elements, on themselves.
fn is_of_tree(method: &str) -> bool {
    matches!(
        method,
        "querySelector"
            | "querySelectorAll"
            | "getElementsByTagName"
            | "getAttribute"
            | "hasAttribute"
            | "setAttribute"
            | "removeAttribute"
            | "replaceWith"
            | "remove"
            | "removeChild"
            | "closest"
            | "matches"
            | "cloneNode"
    )
}

/// Whether a call leaves a page the text that it is, whatever it is given.
pub(in crate::guard) fn stays_text(path: &str) -> bool {
    let name = method(path);
    let root = &path[..path.find(['.', '(', '[', '/']).unwrap_or(path.len())];
    let literal = ["~''.", "~[].", "~{}."].iter().any(|start| path.starts_with(start));
    let own = path.starts_with('~') && !["~./", "~../", "~/", "~@"].iter().any(|start| path.starts_with(start));
    let plain = matches!(root, "console" | "Math" | "Object" | "Array" | "Set" | "Map" | "JSON" | "String" | "Number");
    let collects = matches!(
        name,
        "push"
            | "unshift"
            | "concat"
            | "join"
            | "entries"
            | "keys"
            | "values"
            | "map"
            | "forEach"
            | "filter"
            | "find"
            | "findIndex"
            | "slice"
            | "at"
            | "trim"
            | "split"
            | "replace"
            | "replaceAll"
            | "toString"
            | "indexOf"
            | "charAt"
            | "some"
            | "every"
            | "sort"
            | "set"
            | "get"
            | "has"
    );
    plain
        || literal
        || searches(name) && own
        || collects && own
        || name == "parseFromString"
        || path == "document.createTextNode"
}

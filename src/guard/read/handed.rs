//! Where `child_process` and its functions go: to a call that can be judged, or out of sight.
//!
//! ```text
//!   const {execFile: run} = require("child_process")   ┐
//!   cp.spawn("git", ["log"])                           ├─ followed: a name for it, or a call of it
//!   promisify(cp.execFile)                             ┘
//!   [cp]   {...cp}   f(cp)   return cp   x.y = cp      ┐
//!   export {cp}   const {exec, ...rest} = cp           ├─ anything else: whoever holds it there calls it unseen
//!   cp.spawn("git", [], options)                       ┘
//! ```
//! Each reduced child is looked at once, on its way to its parent, so there is no way around: what is not named here is
//! handed on. What a call is given has to stand in it, since a list or a table that has a name can be changed by it.

use super::walk::{Item, Walk};
use crate::guard::{
    fact::Fact,
    syntax::kinds::{Field, Kind},
    value::Shape,
};

/// Functions of the module that start a program.
const STARTERS: [&str; 7] = ["exec", "execSync", "execFile", "execFileSync", "spawn", "spawnSync", "fork"];
/// Callbacks whose names are looked up at the end.
const CALLBACKS_MAX: usize = 256;
/// Statements around a declaration that may export it.
const AROUND_MAX: usize = 3;

/// Looks at a child that is about to be given to its parent.
pub(super) fn watch(walk: &mut Walk<'_, '_>, item: &Item) {
    let path = item.value.as_path().filter(|path| path.starts_with(MODULE));
    if let Some(path) = path {
        let hidden = if is_own(path) { !is_followed(walk, item, path) } else { reaches_back(path) };
        if hidden {
            lost(walk);
        }
    } else if item.kind == Kind::Spread {
        spread(walk, item);
    } else if walk.parent() == Kind::Arguments && starts(walk) && !stands(walk, item) {
        lost(walk);
    }
}

/// At the end of a walk: what was taken for a callback is a function.
pub(super) fn end(walk: &mut Walk<'_, '_>) {
    let names = std::mem::take(&mut walk.callbacks);
    let unknown = |name: &&str| !matches!(walk.names.get(*name).map(|value| &value.shape), Some(Shape::Function(_)));
    if names.iter().any(unknown) {
        lost(walk);
    }
}

/// `export … from "child_process"`, and an import that is exported.
pub(super) fn exported(walk: &mut Walk<'_, '_>, module: &str, from: usize) {
    let word = "export";
    let around = walk.frames.last().is_some_and(|frame| walk.source[frame.start..].starts_with(word));
    let types = walk.source[from..].starts_with("export type");
    if module.strip_prefix("node:").unwrap_or(module) == MODULE
        && (around || walk.source[from..].starts_with(word) && !types)
    {
        lost(walk);
    }
}

const MODULE: &str = "child_process";

fn lost(walk: &mut Walk<'_, '_>) {
    walk.tell(Fact::Handed);
}

/// The module or something of it, not what a call of it gives.
fn is_own(path: &str) -> bool {
    !path.contains("()") && path[MODULE.len()..].chars().next().is_none_or(|next| next == '.')
}

/// A process that was started leads back to what starts processes.
fn reaches_back(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    matches!(last, "constructor" | "__proto__" | "spawn" | "[?]")
}

fn function(path: &str) -> Option<&str> {
    path.strip_prefix(MODULE)?.strip_prefix('.').filter(|name| STARTERS.contains(name))
}

fn is_followed(walk: &Walk<'_, '_>, item: &Item, path: &str) -> bool {
    let known = path == MODULE || function(path).is_some();
    let Some(parent) = walk.frames.last().filter(|_| known) else { return false };
    match parent.kind {
        Kind::Block => item.field != Field::Value,
        Kind::Pass | Kind::Await | Kind::Last => true,
        Kind::Member | Kind::Subscript => item.field == Field::Object,
        // By a method of a function it is given more than stands in the call.
        Kind::Call | Kind::New => {
            let by = walk.span(item).rsplit('.').next().unwrap_or_default();
            item.field == Field::Function && path != MODULE && !matches!(by, "call" | "apply" | "bind")
        }
        Kind::Declare => matches!(item.field, Field::Right | Field::Value) && names(walk, parent.base),
        Kind::Arguments => promised(walk),
        _ => false,
    }
}

/// `const a = …` and `const {exec, spawn: b} = …`, which no other file sees.
fn names(walk: &Walk<'_, '_>, base: usize) -> bool {
    let Some(left) = walk.items.get(base) else { return false };
    let span = walk.span(left);
    let plain = match left.kind {
        Kind::Ident => true,
        Kind::TablePattern => {
            let known = |(key, name): &(std::rc::Rc<String>, crate::guard::value::Value)| {
                STARTERS.contains(&key.as_str()) && name.as_text().is_some()
            };
            !span.contains("...") && left.value.as_table().is_some_and(|pairs| pairs.iter().all(known))
        }
        _ => false,
    };
    let exported = walk.frames.iter().rev().skip(1).take(AROUND_MAX).any(|around| {
        matches!(around.kind, Kind::Block | Kind::Group) && walk.source[around.start..].starts_with("export")
    });
    plain && !exported
}

/// The callee of the call whose arguments are being read.
fn callee<'w>(walk: &'w Walk<'_, '_>, depth: usize) -> Option<&'w str> {
    let call = walk.frames.iter().rev().nth(depth).filter(|frame| matches!(frame.kind, Kind::Call | Kind::New))?;
    walk.items.get(call.base).filter(|callee| callee.field == Field::Function)?.value.as_path()
}

/// It gives the same function, which is followed to its calls.
fn promised(walk: &Walk<'_, '_>) -> bool {
    matches!(callee(walk, 1), Some("util.promisify" | "promisify"))
}

fn starts(walk: &Walk<'_, '_>) -> bool {
    callee(walk, 1).and_then(function).is_some()
}

/// Whether what a starter is given stands in the call, or is nothing that could be changed.
fn stands(walk: &mut Walk<'_, '_>, item: &Item) -> bool {
    match (&item.value.shape, item.kind) {
        (Shape::Text(_) | Shape::Number(_) | Shape::Function(_), _) => true,
        (Shape::List(_), kind) => kind == Kind::List,
        (Shape::Table(_), kind) => kind == Kind::Table,
        // `(error, out) => …` gives nothing that is known; a name may be that of a function that stands below.
        (_, Kind::Function) => true,
        (_, Kind::Ident) if walk.callbacks.len() < CALLBACKS_MAX => {
            let name = walk.span(item);
            if name != "undefined" {
                walk.callbacks.push(name);
            }
            true
        }
        (Shape::Path(path), _) => {
            matches!(
                path.as_str(),
                "process.execPath" | "process.argv0" | "console.log" | "console.error" | "null" | "undefined"
            )
        }
        (Shape::Unknown, _) => false,
    }
}

/// What is spread into the arguments of a starter, or into the table of its options, stands elsewhere.
fn spread(walk: &mut Walk<'_, '_>, item: &Item) {
    let kinds = |at: usize| walk.frames.iter().rev().nth(at).map(|frame| frame.kind);
    let (parent, environment) = (kinds(0), item.value.as_path() == Some("process.env"));
    let hidden = match parent {
        Some(Kind::Arguments) => starts(walk),
        Some(Kind::Table) if kinds(1) == Some(Kind::Arguments) => callee(walk, 2).and_then(function).is_some(),
        Some(Kind::Table) if kinds(1) == Some(Kind::Pair) && !environment => {
            kinds(3) == Some(Kind::Arguments) && callee(walk, 4).and_then(function).is_some()
        }
        _ => false,
    };
    if hidden {
        lost(walk);
    }
}

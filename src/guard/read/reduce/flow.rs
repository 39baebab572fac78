//! Functions and loops, and what leaves them.

use std::{borrow::Cow, rc::Rc};

use super::{
    doubling,
    name::{bind_pattern, pattern},
    union,
};
use crate::guard::{
    fact::Fact,
    read::{
        given,
        walk::{Frame, Item, Loop, Walk, matters},
    },
    rules,
    syntax::kinds::{Field, Kind},
    value::{Marks, Shape, Value},
    worst,
};

/// Bytes of a function whose text is looked at for the signs of a decoder.
const DECODER_BYTES_MAX: usize = 600;
/// Nodes between a `return` and its function.
const FRAMES_MAX: usize = 256;
/// Loops around a place that are told of what is done there, from the inside.
pub(in crate::guard::read) const LOOPS_MAX: usize = 64;
/// Functions that give functions: what is returned by the innermost is known so far out.
const GIVEN_MAX: usize = 4;

/// What stands for the values of a generator that never ends.
const FOR_EVER: &str = "itertools.count()";

/// Whether a loop over it has no end of its own.
pub(in crate::guard::read) fn gives_for_ever(value: &Value) -> bool {
    matches!(value.as_path(), Some(FOR_EVER | "itertools.cycle()" | "itertools.repeat()"))
}

/// Notes that the function around this place keeps a large allocation.
pub(in crate::guard::read) fn hoard(walk: &mut Walk<'_, '_>) {
    if let Some(around) = walk.loops.iter_mut().rev().take(LOOPS_MAX).find(|frame| frame.is_function) {
        around.hoards = true;
    }
}

/// Notes that the function around this place starts a process.
pub(in crate::guard::read) fn spawn(walk: &mut Walk<'_, '_>) {
    if let Some(around) = walk.loops.iter_mut().rev().take(LOOPS_MAX).find(|frame| frame.is_function) {
        around.spawns = true;
    }
}

/// Whether a name is that of the function that is being read, and that function keeps what it allocates.
pub(in crate::guard::read) fn runs_itself(walk: &Walk<'_, '_>, name: &str) -> bool {
    let hoards = walk.loops.iter().rev().take(LOOPS_MAX).find(|frame| frame.is_function).is_some_and(|it| it.hoards);
    hoards && walk.is_inside(name)
}

pub(super) fn function(walk: &mut Walk<'_, '_>, frame: Frame, items: &[Item]) -> Value {
    let own = walk.loops.pop().unwrap_or_default();
    given::give_back(walk, own.shadowed);
    let text = &walk.source[frame.start..frame.end];
    let decodes = walk.decodes
        && text.len() <= DECODER_BYTES_MAX
        && (text.contains("fromCharCode")
            || text.contains("fromCodePoint")
            || text.contains("chr(") && (text.contains('^') || text.contains("ord(")));
    let gives = own.yielded.iter().any(matters) && !frame.returned.as_ref().is_some_and(gives_for_ever);
    let returned = if gives { Some(Value::list(own.yielded)) } else { frame.returned };
    let returned = returned.filter(|value| matters(value) && value.gives() < GIVEN_MAX).map(Rc::new);
    let mut value = Value { shape: Shape::Function(returned), marks: Marks::NONE };
    if decodes {
        value.marks = Marks::DECODED.with(Marks::ASSEMBLED);
    }
    if own.hoards {
        value.marks = value.marks.with(Marks::HOARD);
    }
    if own.spawns {
        value.marks = value.marks.with(Marks::SPAWNS);
    }
    if let Some(name) = items.iter().find(|inner| inner.field == Field::Name) {
        let span = walk.span(name);
        if name.kind == Kind::Ident {
            walk.bind(Cow::Borrowed(span), value.clone());
        } else {
            walk.given.methods.insert(span);
        }
        // A method is called by the object that it belongs to.
        if matters(&value) && (walk.python || name.kind == Kind::Property) {
            let objects: &[&str] = if walk.python { &["~self"] } else { &["this", "~{}"] };
            for object in objects {
                walk.attributes.insert(format!("{object}.{span}"), value.clone());
            }
        }
    }
    value
}

fn innermost<'w>(walk: &'w mut Walk<'_, '_>) -> Option<&'w mut Loop> {
    walk.loops.last_mut().filter(|frame| !frame.is_function)
}

pub(in crate::guard::read) fn wait(walk: &mut Walk<'_, '_>) {
    for frame in walk.loops.iter_mut().rev().take(LOOPS_MAX).take_while(|frame| !frame.is_function) {
        frame.waits = true;
        frame.sleeps = true;
    }
}

/// Notes that the loops around this place wait for an answer, and whether of a host that nobody has named.
pub(in crate::guard::read) fn ask(walk: &mut Walk<'_, '_>, named: bool) {
    for frame in walk.loops.iter_mut().rev().take(LOOPS_MAX).take_while(|frame| !frame.is_function) {
        frame.waits = true;
        frame.asks |= !named;
    }
}

pub(in crate::guard::read) fn leave(walk: &mut Walk<'_, '_>) {
    for frame in walk.loops.iter_mut().rev().take(LOOPS_MAX).take_while(|frame| !frame.is_function) {
        frame.leaves = true;
    }
}

pub(in crate::guard::read) fn grow(walk: &mut Walk<'_, '_>) {
    for frame in walk.loops.iter_mut().rev().take(LOOPS_MAX).take_while(|frame| !frame.is_function) {
        frame.grows = true;
    }
}

pub(super) fn exit(walk: &mut Walk<'_, '_>, start: usize, items: Vec<Item>) -> Value {
    let text = &walk.source[start..];
    if text.starts_with("break") {
        if let Some(frame) = innermost(walk) {
            frame.leaves = true;
        }
        return Value::UNKNOWN;
    }
    if text.starts_with("yield") {
        if let Some(frame) = innermost(walk) {
            frame.yields = true;
        }
        wait(walk);
    } else {
        leave(walk);
    }
    let value = items.into_iter().next().map_or(Value::UNKNOWN, |inner| inner.value);
    if matters(&value) {
        walk.tell(Fact::Assign { path: "~return", value: &value });
    }
    if let Some(behind) = text.strip_prefix("yield") {
        yielded(walk, behind.trim_start(), value);
    } else if text.starts_with("return")
        && matters(&value)
        && let Some(function) = walk.frames.iter_mut().rev().take(FRAMES_MAX).find(|frame| frame.kind == Kind::Function)
    {
        function.returned = Some(value);
    }
    Value::UNKNOWN
}

/// Values that are kept of what one generator gives.
const YIELDS_MAX: usize = 64;

/// Keeps what a generator gives; `yield*` and `yield from` give each element of theirs.
fn yielded(walk: &mut Walk<'_, '_>, behind: &str, value: Value) {
    let around = walk.loops.iter_mut().rev().take(LOOPS_MAX).find(|frame| frame.is_function);
    let Some(own) = around.filter(|own| own.yielded.len() < YIELDS_MAX) else { return };
    let room = YIELDS_MAX - own.yielded.len();
    let each = behind.starts_with('*') || behind.starts_with("from ");
    match (each, value.as_list(), value.known()) {
        (true, Some(values), _) => own.yielded.extend(values.iter().take(room).cloned()),
        (true, None, Some(text)) => {
            own.yielded.extend(text.chars().take(room).map(|c| Value::text(c).marked(value.marks)));
        }
        (_, _, _) => own.yielded.push(value),
    }
}

pub(super) fn end_loop(walk: &mut Walk<'_, '_>) -> Value {
    if let Some(ended) = walk.loops.pop() {
        if ended.endless
            && ended.yields
            && !ended.leaves
            && let Some(around) = walk.frames.iter_mut().rev().take(FRAMES_MAX).find(|it| it.kind == Kind::Function)
        {
            around.returned = Some(Value::path(FOR_EVER));
        }
        let fills = (ended.endless || ended.huge) && ended.grows;
        // What doubles at each turn outgrows any memory in some thirty of them, whoever waits for it.
        if !ended.leaves && doubling::is_open(walk, &ended) {
            walk.tell(Fact::Endless { grows: true });
        }
        if !ended.leaves && !ended.waits && (fills || ended.endless && !ended.calls) {
            walk.tell(Fact::Endless { grows: ended.grows });
        }
        if ended.endless && ended.asks && !ended.sleeps && !ended.leaves && walk.is_many {
            walk.tell(Fact::Plain { rule: &rules::FLOOD, what: "a host is asked again and again, by many at once" });
        }
        if ended.calls
            && let Some(outer) = innermost(walk)
        {
            outer.calls = true;
        }
    }
    Value::UNKNOWN
}

/// Gives the names of a loop what it goes through, before its body is read. `from` is where its parts begin.
pub(in crate::guard::read) fn each(walk: &mut Walk<'_, '_>, from: usize, through: &Value) {
    let left = walk.items.get(from..).unwrap_or_default().iter().find(|inner| inner.field == Field::Left);
    let Some(names) = left.map(|left| pattern(walk, left)) else { return };
    // One of the elements stands for all.
    let element = match through.as_list() {
        Some(values) => worst::each(values),
        None => Value::unknown(through.all_marks()),
    };
    bind_pattern(walk, &names, element.marked(through.all_marks()), 0);
}

pub(super) fn comprehension(walk: &Walk<'_, '_>, frame: &Frame, items: &[Item]) -> Value {
    let text = &walk.source[frame.start..frame.end];
    let decodes = walk.decodes && text.len() <= DECODER_BYTES_MAX && text.contains("chr(");
    let marks = union(frame, items);
    Value::unknown(if decodes { marks.with(Marks::DECODED).with(Marks::ASSEMBLED) } else { marks })
}

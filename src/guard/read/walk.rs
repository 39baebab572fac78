//! The walk over a tree: children before parents, no recursion.
//!
//! ```text
//!   enter ─► frame pushed ─► children … ─► leave ─► frame popped, its items reduced to one ─► item of the parent
//!                                           │
//!                                           └──► facts, as they become known
//! ```
//! Each node is reduced once, from what its children were reduced to, so the work is linear in the tree however deep
//! it nests, and the native stack stays flat: 100,000 brackets are 100,000 frames in a vector. Names are those of the
//! file, not of a scope: whoever shadows a dangerous name with a harmless one gains nothing. A name that is used above
//! the line that gives it a meaning (functions are hoisted) is met by a second walk, where that meaning could be of
//! use to a rule (`late`), and so is what a function of the file is given (`given`). There is never a third.

use std::{borrow::Cow, cell::OnceCell, ops::Range, rc::Rc};

use foldhash::{HashMap, HashSet};
use memchr::memmem;

use super::{
    given::Given,
    handed,
    late::Late,
    reduce::{self, doubling::Doubled},
};
use crate::guard::{
    fact::Fact,
    syntax::{
        kinds::{Field, Kind},
        tree::{Id, Node, Tree},
    },
    value::{ELEMENTS_MAX, Marks, Shape, Value},
};

/// A reduced child, on its way to its parent.
pub(super) struct Item {
    pub field: Field,
    pub kind: Kind,
    pub value: Value,
    /// What a method hangs on, when that is a literal.
    pub of: Option<Value>,
    pub start: usize,
    pub end: usize,
}

/// A node whose children are being read.
pub(super) struct Frame {
    id: Id,
    pub kind: Kind,
    pub field: Field,
    pub base: usize,
    /// Of children that were not kept.
    pub marks: Marks,
    pub returned: Option<Value>,
    pub start: usize,
    pub end: usize,
}

/// A loop that is being read, or the function around it.
#[derive(Default)]
pub(super) struct Loop {
    pub is_function: bool,
    pub endless: bool,
    /// It is left, or the program is.
    pub leaves: bool,
    pub waits: bool,
    /// It waits for something else than an answer, and it asks a host that is not known for one.
    pub sleeps: bool,
    pub asks: bool,
    pub grows: bool,
    pub calls: bool,
    /// It ends, but later than any memory lasts.
    pub huge: bool,
    /// It hands on one value after another.
    pub yields: bool,
    /// Where its condition stands.
    pub condition: Option<Range<usize>>,
    /// What it makes twice as long.
    pub doubled: Option<Doubled>,
    /// Of a function: it keeps what it allocates, more than a little.
    pub hoards: bool,
    /// Of a function: it starts a process.
    pub spawns: bool,
    /// Of a function: it takes a password out of what a request brings.
    pub secret: bool,
    /// Of a function: what it gives one after another.
    pub yielded: Vec<Value>,
    /// Of a function: what its parameters' names stood for before.
    pub shadowed: Vec<(String, Option<Value>)>,
}

/// Who is told of facts, with the line counted from 0, and says with which marks it is in doubt until the
/// end.
pub(super) type Tell<'t> = &'t mut dyn FnMut(Fact<'_>, usize) -> Marks;

pub(super) struct Walk<'s, 't> {
    pub source: &'s str,
    pub python: bool,
    pub items: Vec<Item>,
    pub frames: Vec<Frame>,
    pub loops: Vec<Loop>,
    pub names: HashMap<Cow<'s, str>, Value>,
    /// Attributes of the file's own objects, by their whole path.
    pub attributes: HashMap<String, Value>,
    /// Modules of which all names were taken over.
    pub wild: Vec<String>,
    pub missed: HashSet<Cow<'s, str>>,
    pub late: Late,
    pub given: Given<'s>,
    /// Bytes that folding may still copy.
    pub budget: usize,
    pub line: usize,
    /// It has loaded `child_process`; names that are given to it as callbacks.
    pub starts: bool,
    pub callbacks: Vec<&'s str>,
    /// The signs of a decoder stand somewhere in the file.
    pub decodes: bool,
    /// Threads or processes are started somewhere in the file.
    pub is_many: bool,
    /// Names in other letters than Latin ones.
    pub foreign: HashSet<&'s str>,
    /// This is the second walk.
    pub again: bool,
    /// It goes to another folder.
    pub moves: bool,
    /// Names of the file's functions, where somebody asked for them.
    declared: OnceCell<HashSet<&'s str>>,
    tell: Tell<'t>,
}

/// Turns of a loop that may each keep something.
pub(super) const TURNS_MAX: f64 = 1e8;
/// Copied bytes per byte of source before folding stops.
const COPIES_PER_BYTE: usize = 16;
const COPIES_MIN: usize = 4 * 1024 * 1024;

/// Walks `tree` and tells what is in it.
pub(super) fn walk(tree: &Tree, source: &str, python: bool, tell: Tell<'_>) {
    let says = |signs: &[&str]| signs.iter().any(|sign| memmem::find(source.as_bytes(), sign.as_bytes()).is_some());
    let mut walk = Walk {
        source,
        python,
        items: Vec::new(),
        frames: Vec::new(),
        loops: Vec::new(),
        names: HashMap::default(),
        attributes: HashMap::default(),
        wild: Vec::new(),
        missed: HashSet::default(),
        late: Late::new(source, python),
        given: Given::default(),
        budget: COPIES_MIN + source.len() * COPIES_PER_BYTE,
        line: 0,
        starts: false,
        callbacks: Vec::new(),
        decodes: says(&["fromCharCode", "fromCodePoint", "chr("]),
        is_many: says(&["Thread(", "ThreadPool", "Process("]),
        foreign: HashSet::default(),
        again: false,
        moves: says(&["chdir"]),
        declared: OnceCell::new(),
        tell,
    };
    walk.pass(tree);
    if walk.late.is_of_use(&walk.names) || walk.given.is_of_use(&walk.names, walk.late.idle()) {
        walk.again = true;
        walk.items.clear();
        walk.loops.clear();
        walk.pass(tree);
    }
    handed::end(&mut walk);
}

impl<'s> Walk<'s, '_> {
    fn pass(&mut self, tree: &Tree) {
        let mut id = tree.root.0;
        if id.is_none() {
            return;
        }
        loop {
            let node = tree.node(id);
            if self.enter(id, node) {
                id = node.child;
                continue;
            }
            let mut next = node.next;
            while next.is_none() {
                let Some(frame) = self.frames.pop() else { return };
                let node = tree.node(frame.id);
                self.leave(frame, node);
                next = node.next;
            }
            id = next;
        }
    }

    /// Whether the node has a frame now, and its children come next.
    fn enter(&mut self, id: Id, node: &Node) -> bool {
        match node.kind {
            Kind::Function => self.loops.push(Loop { is_function: true, ..Loop::default() }),
            Kind::While | Kind::ForIn => self.loops.push(Loop::default()),
            // Without a condition it has no end.
            Kind::For => self.loops.push(Loop { endless: true, ..Loop::default() }),
            _ => {}
        }
        let frame = Frame {
            id,
            kind: node.kind,
            field: node.field,
            base: self.items.len(),
            marks: Marks::NONE,
            returned: None,
            start: node.start as usize,
            end: node.end as usize,
        };
        if node.child.is_none() {
            self.leave(frame, node);
            return false;
        }
        self.frames.push(frame);
        true
    }

    fn leave(&mut self, frame: Frame, node: &Node) {
        self.line = node.line as usize;
        let items = if self.items.len() > frame.base { self.items.split_off(frame.base) } else { Vec::new() };
        let item = reduce::reduce(self, frame, items);
        self.push(item);
    }

    /// Gives a reduced node to its parent, unless that has no use for it.
    fn push(&mut self, item: Item) {
        if self.starts {
            handed::watch(self, &item);
        }
        let Some(parent) = self.frames.last_mut() else { return };
        match (parent.kind, item.field) {
            (Kind::Block, _) => {
                let (start, end) = (parent.start, parent.end);
                if self.python && matters(&item.value) && self.source[start..].starts_with("match ") {
                    reduce::captured(self, start..end, item.value);
                }
                return;
            }
            (Kind::While | Kind::For, Field::Condition) => {
                let condition = &self.source[item.start..item.end];
                let endless = is_always_true(condition, &item.value);
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.endless = endless;
                    innermost.huge = is_huge(condition);
                    innermost.condition = Some(item.start..item.end);
                }
                return;
            }
            (Kind::ForIn, Field::Right) => {
                let endless = reduce::gives_for_ever(&item.value);
                let huge = item.value.marks.has(Marks::HOARD) && item.value.as_path() == Some("range()");
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.endless = endless;
                    innermost.huge = huge;
                }
                let from = parent.base;
                reduce::each(self, from, &item.value);
            }
            (Kind::Function, Field::Body) if item.kind != Kind::Block => {
                parent.returned = Some(item.value);
                return;
            }
            (Kind::List | Kind::Table | Kind::Arguments | Kind::Text | Kind::Join | Kind::Other | Kind::Compare, _)
                if self.items.len() - parent.base >= ELEMENTS_MAX =>
            {
                parent.marks = parent.marks.with(item.value.all_marks());
                return;
            }
            (Kind::Other | Kind::Compare | Kind::Error | Kind::While | Kind::For, _) => {
                parent.marks = parent.marks.with(item.value.all_marks());
                return;
            }
            _ => {}
        }
        let parameter = item.field == Field::Parameter && self.parent() == Kind::Function;
        if parameter {
            reduce::parameter(self, &item);
            super::given::receive(self, std::slice::from_ref(&item));
        }
        self.items.push(item);
    }

    pub fn span(&self, item: &Item) -> &'s str {
        &self.source[item.start..item.end]
    }

    pub fn parent(&self) -> Kind {
        self.frames.last().map_or(Kind::Block, |frame| frame.kind)
    }

    /// Whether the place is inside of the function of that name.
    pub fn is_inside(&self, name: &str) -> bool {
        let around = self.frames.iter().rev().find(|frame| frame.kind == Kind::Function);
        let parts = around.and_then(|frame| self.items.get(frame.base..)).unwrap_or_default();
        parts.iter().take(2).any(|part| part.field == Field::Name && self.span(part) == name)
    }

    /// Whether the file has a function of that name, above or below.
    pub fn declares(&self, name: &str) -> bool {
        self.declared.get_or_init(|| declared(self.source)).contains(name)
    }

    /// Tells a fact. Gives the marks with which that is in doubt until the end of the file.
    pub fn tell(&mut self, fact: Fact<'_>) -> Marks {
        if let Fact::Text { text, .. } = &fact {
            self.late.hear(text);
        }
        (self.tell)(fact, self.line)
    }

    pub fn is_endless(&self) -> bool {
        let own = self.loops.iter().rev().take(reduce::LOOPS_MAX).take_while(|frame| !frame.is_function);
        own.into_iter().any(|frame| frame.endless && !frame.waits)
    }

    /// `left + right`, paid for from the budget when it has to be copied.
    pub fn append(&mut self, left: Value, right: &Value) -> Value {
        if let Shape::Text(text) = &left.shape {
            let cost = if Rc::strong_count(text) > 1 { text.len() } else { 0 };
            if !self.pay(cost) {
                return Value::unknown(left.all_marks().with(right.all_marks()).with(Marks::ASSEMBLED));
            }
        }
        left.append(right)
    }

    /// Whether so many more bytes may be copied.
    pub fn pay(&mut self, bytes: usize) -> bool {
        let paid = self.budget >= bytes;
        self.budget = self.budget.saturating_sub(bytes);
        paid
    }

    /// Names a value, in the whole file. One that matters is not forgotten for one that does not.
    pub fn bind(&mut self, name: Cow<'s, str>, value: Value) {
        let is_new = matters(&value) && !is_constant(&value);
        if is_new && self.missed.contains(&name) {
            self.late.learn(&value, 0);
        }
        match self.names.get_mut(&name) {
            Some(old) if matters(old) && !is_new => old.marks = old.marks.with(value.marks),
            Some(old) => *old = value,
            None => drop(self.names.insert(name, value)),
        }
    }
}

/// What stands between `function` or `def` and a bracket.
fn declared(source: &str) -> HashSet<&str> {
    const NAME_MAX: usize = 128;
    let behind = |word: &'static str| {
        memmem::find_iter(source.as_bytes(), word).filter_map(move |at| {
            let name = &source[at + word.len()..];
            Some(&name[..name.bytes().take(NAME_MAX).position(|byte| byte == b'(')?])
        })
    };
    behind("function ").chain(behind("def ")).collect()
}

/// Whether a condition holds whatever happens: it is made of constants. What a variable is now, it may not stay.
fn is_always_true(condition: &str, value: &Value) -> bool {
    let letters: String = condition.chars().filter(|c| c.is_alphabetic()).take(16).collect();
    match letters.as_str() {
        "" => value.is_true() || value.shape == Shape::Unknown,
        "true" | "True" => !condition.contains('!'),
        "false" | "False" => condition.contains('!'),
        "notFalse" => true,
        _ => false,
    }
}

/// `i < 1e9`: as many turns as no memory keeps what they make.
fn is_huge(condition: &str) -> bool {
    let Some((_, bound)) = condition.rsplit_once('<') else { return false };
    super::escape::number(bound.trim_start_matches('=').trim()).is_some_and(|turns| turns >= TURNS_MAX)
}

/// What a name is given where the other branch gives it something: `except ImportError: run = None`.
fn is_constant(value: &Value) -> bool {
    matches!(value.as_path(), Some("None" | "null" | "undefined" | "True" | "False" | "true" | "false"))
}

/// Whether a rule could ever ask for it.
pub(super) fn matters(value: &Value) -> bool {
    value.marks != Marks::NONE
        || match &value.shape {
            Shape::Path(path) => !path.starts_with('~'),
            Shape::Text(_) | Shape::List(_) | Shape::Table(_) | Shape::Function(Some(_)) => true,
            Shape::Unknown | Shape::Number(_) | Shape::Function(None) => false,
        }
}

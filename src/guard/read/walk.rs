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
//! the line that gives it a meaning (functions are hoisted) is met by a second walk, and there is never a third.

use std::{borrow::Cow, collections::HashMap, collections::HashSet, rc::Rc};

use tree_sitter::{Node, Tree};

use super::{
    escape,
    kinds::{Field, Grammar, Kind},
    reduce,
};
use crate::guard::{
    fact::Fact,
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
    pub kind: Kind,
    pub field: Field,
    base: usize,
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
    pub grows: bool,
    pub calls: bool,
}

/// Who is told of facts, with the line counted from 0.
pub(super) type Tell<'t> = &'t mut dyn FnMut(Fact<'_>, usize);

pub(super) struct Walk<'s, 't> {
    pub source: &'s str,
    pub grammar: &'static Grammar,
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
    pub again: bool,
    /// Bytes that folding may still copy.
    pub budget: usize,
    pub line: usize,
    telling: bool,
    tell: Tell<'t>,
}

/// Copied bytes per byte of source before folding stops.
const COPIES_PER_BYTE: usize = 16;
const COPIES_MIN: usize = 4 * 1024 * 1024;

/// Walks `tree` and tells what is in it.
pub(super) fn walk(tree: &Tree, source: &str, grammar: &'static Grammar, python: bool, tell: Tell<'_>) {
    let mut walk = Walk {
        source,
        grammar,
        python,
        items: Vec::new(),
        frames: Vec::new(),
        loops: Vec::new(),
        names: HashMap::new(),
        attributes: HashMap::new(),
        wild: Vec::new(),
        missed: HashSet::new(),
        again: false,
        budget: COPIES_MIN + source.len() * COPIES_PER_BYTE,
        line: 0,
        telling: true,
        tell,
    };
    walk.pass(tree);
    if walk.again {
        walk.items.clear();
        walk.loops.clear();
        walk.pass(tree);
    }
}

impl<'s> Walk<'s, '_> {
    fn pass(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        loop {
            let field = self.grammar.field(cursor.field_id());
            if self.enter(&cursor.node(), field) {
                if cursor.goto_first_child() {
                    continue;
                }
                self.leave(&cursor.node());
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                self.leave(&cursor.node());
            }
        }
    }

    /// Whether the node has a frame now. Of one that has not, the children are not read either.
    fn enter(&mut self, node: &Node<'_>, field: Field) -> bool {
        if !node.is_named() {
            // An operator is the only token that is read for itself.
            if field == Field::Operator {
                self.operator(node);
            }
            return false;
        }
        let kind = self.grammar.kind(node.kind_id());
        match kind {
            Kind::Skip => return false,
            Kind::Function => self.loops.push(Loop { is_function: true, ..Loop::default() }),
            Kind::While => self.loops.push(Loop::default()),
            // Without a condition it has no end.
            Kind::For => self.loops.push(Loop { endless: true, ..Loop::default() }),
            Kind::PythonContent => {
                self.python_content(node);
                return false;
            }
            _ if node.child_count() == 0 => {
                let range = node.byte_range();
                self.line = node.start_position().row;
                self.leaf(kind, field, range.start, range.end);
                return false;
            }
            _ => {}
        }
        let range = node.byte_range();
        self.frames.push(Frame {
            kind,
            field,
            base: self.items.len(),
            marks: Marks::NONE,
            returned: None,
            start: range.start,
            end: range.end,
        });
        true
    }

    fn operator(&mut self, node: &Node<'_>) {
        let range = node.byte_range();
        let wanted =
            self.frames.last().is_some_and(|frame| matches!(frame.kind, Kind::Binary | Kind::Augment | Kind::Unary));
        if wanted {
            self.items.push(Item {
                field: Field::Operator,
                kind: Kind::Other,
                value: Value::UNKNOWN,
                of: None,
                start: range.start,
                end: range.end,
            });
        }
    }

    fn leaf(&mut self, kind: Kind, field: Field, start: usize, end: usize) {
        let frame = Frame { kind, field, base: self.items.len(), marks: Marks::NONE, returned: None, start, end };
        let item = reduce::reduce(self, frame, Vec::new());
        self.push(item);
    }

    /// The text of a Python literal between its quotes, read with its escapes unless it is raw.
    fn python_content(&mut self, node: &Node<'_>) {
        let range = node.byte_range();
        let opening = self.frames.last().map_or("", |frame| &self.source[frame.start..range.start.max(frame.start)]);
        let raw = opening.chars().take_while(|c| c.is_ascii_alphabetic()).any(|c| c.eq_ignore_ascii_case(&'r'));
        let text = &self.source[range.clone()];
        let value = if raw { Value::text(text) } else { Value::text(escape::python(text)) };
        self.push(Item {
            field: Field::None,
            kind: Kind::Fragment,
            value,
            of: None,
            start: range.start,
            end: range.end,
        });
    }

    fn leave(&mut self, node: &Node<'_>) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.kind == Kind::Group {
            return;
        }
        self.line = node.start_position().row;
        let items = self.items.split_off(frame.base.min(self.items.len()));
        let item = reduce::reduce(self, frame, items);
        self.push(item);
    }

    /// Gives a reduced node to its parent, unless that has no use for it.
    fn push(&mut self, item: Item) {
        let Some(parent) = self.frames.last_mut() else { return };
        match (parent.kind, item.field) {
            (Kind::Block, _) => return,
            (Kind::While | Kind::For, Field::Condition) => {
                let endless = is_always_true(&self.source[item.start..item.end], &item.value);
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.endless = endless;
                }
                return;
            }
            (Kind::Function, Field::Body) if item.kind != Kind::Block => {
                parent.returned = Some(item.value);
                return;
            }
            (
                Kind::List | Kind::Table | Kind::Arguments | Kind::Text | Kind::Join | Kind::PythonText | Kind::Other,
                _,
            ) if self.items.len() - parent.base >= ELEMENTS_MAX => {
                parent.marks = parent.marks.with(item.value.all_marks());
                return;
            }
            (Kind::Other | Kind::Error | Kind::While | Kind::For, _) => {
                parent.marks = parent.marks.with(item.value.all_marks());
                return;
            }
            _ => {}
        }
        let parameter = parent.kind == Kind::Function && item.field == Field::Parameter;
        if parameter {
            reduce::parameter(self, &item);
        }
        self.items.push(item);
    }

    pub fn span(&self, item: &Item) -> &'s str {
        &self.source[item.start..item.end]
    }

    pub fn parent(&self) -> Kind {
        self.frames.last().map_or(Kind::Block, |frame| frame.kind)
    }

    pub fn tell(&mut self, fact: Fact<'_>) {
        if self.telling {
            (self.tell)(fact, self.line);
        }
    }

    pub fn is_endless(&self) -> bool {
        let own = self.loops.iter().rev().take_while(|frame| !frame.is_function);
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
        let is_new = matters(&value);
        if is_new && self.missed.contains(&name) {
            self.again = true;
        }
        match self.names.get_mut(&name) {
            Some(old) if matters(old) && !is_new => old.marks = old.marks.with(value.marks),
            Some(old) => *old = value,
            None => drop(self.names.insert(name, value)),
        }
    }
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

/// Whether a rule could ever ask for it.
pub(super) fn matters(value: &Value) -> bool {
    value.marks != Marks::NONE
        || match &value.shape {
            Shape::Path(path) => !path.starts_with('~'),
            Shape::Text(_) | Shape::List(_) | Shape::Table(_) | Shape::Function(Some(_)) => true,
            Shape::Unknown | Shape::Number(_) | Shape::Function(None) => false,
        }
}

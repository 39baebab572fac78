//! The tree that the walk goes over: nodes in one vector, each with the first of its children and the next of its
//! siblings.
//!
//! A parser makes a node when it has read it, so children come before their parents, and whatever turns out to be the
//! beginning of something larger is hung in there without being copied. Numbers instead of pointers: 28 bytes a node,
//! nothing to free one by one, and a tree of any depth is dropped flat.

use super::kinds::{Field, Kind};

/// The number of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) struct Id(u32);

impl Id {
    pub const NONE: Self = Self(u32::MAX);

    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// One thing that the file says, from `start` to `end` in bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::guard) struct Node {
    pub kind: Kind,
    pub field: Field,
    pub start: u32,
    pub end: u32,
    /// Of its beginning, counted from 0.
    pub line: u32,
    pub child: Id,
    pub next: Id,
}

#[derive(Debug, Default)]
pub(in crate::guard) struct Tree {
    nodes: Vec<Node>,
    pub root: Root,
}

/// The node that all others hang in, once there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) struct Root(pub Id);

impl Default for Root {
    fn default() -> Self {
        Self(Id::NONE)
    }
}

/// Children on their way to a parent.
#[derive(Clone, Copy, Debug)]
pub(in crate::guard) struct Children {
    pub first: Id,
    pub last: Id,
}

impl Children {
    pub const fn new() -> Self {
        Self { first: Id::NONE, last: Id::NONE }
    }
}

/// Where a tree stood, to go back to.
#[derive(Clone, Copy, Debug)]
pub(in crate::guard) struct Mark(usize);

impl Tree {
    /// Bytes of source for one node, about. Room for all is asked for at once.
    const BYTES_PER_NODE: usize = 5;

    pub fn for_source(bytes: usize) -> Self {
        Self { nodes: Vec::with_capacity(bytes / Self::BYTES_PER_NODE), root: Root::default() }
    }

    #[cfg(any(fuzzing, test))]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub fn add(&mut self, kind: Kind, start: u32, end: u32, line: u32, children: Children) -> Id {
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX - 1));
        self.nodes.push(Node { kind, field: Field::None, start, end, line, child: children.first, next: Id::NONE });
        id
    }

    /// Hangs `child` behind those that are there.
    pub fn hang(&mut self, children: &mut Children, child: Id, field: Field) {
        if child.is_none() {
            return;
        }
        self.node_mut(child).field = field;
        match children.last {
            Id::NONE => children.first = child,
            last => self.node_mut(last).next = child,
        }
        children.last = child;
    }

    pub fn mark(&self) -> Mark {
        Mark(self.nodes.len())
    }

    /// Forgets what was added since.
    pub fn reset(&mut self, mark: Mark) {
        self.nodes.truncate(mark.0);
    }

    /// The children of a node, in order.
    pub fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let mut next = self.node(id).child;
        std::iter::from_fn(move || {
            let here = next;
            if here.is_none() {
                return None;
            }
            next = self.node(here).next;
            Some(here)
        })
    }
}

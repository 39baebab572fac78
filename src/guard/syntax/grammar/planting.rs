//! The way from a grammar's tree to ours.

use tree_sitter::{Node, TreeCursor};

use super::vocabulary::Grammar;
use crate::guard::syntax::{
    kinds::{Field, Kind},
    tree::{Children, Id, Root, Tree},
};

/// A node of which the children are being read.
struct Frame {
    kind: Kind,
    field: Field,
    start: u32,
    line: u32,
    children: Children,
    /// Its parts count as its parent's.
    group: bool,
}

/// The way from a grammar's tree to ours.
pub(super) struct Planting<'s> {
    source: &'s str,
    grammar: &'static Grammar,
    tree: Tree,
    frames: Vec<Frame>,
}

impl<'s> Planting<'s> {
    pub fn new(source: &'s str, grammar: &'static Grammar) -> Self {
        Self { source, grammar, tree: Tree::for_source(source.len()), frames: Vec::new() }
    }

    pub fn plant(mut self, mut cursor: TreeCursor<'_>) -> Tree {
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
                    return self.tree;
                }
                self.leave(&cursor.node());
            }
        }
    }

    /// Whether the node has a frame now. Of one that has not, the children are not read either.
    fn enter(&mut self, node: &Node<'_>, field: Field) -> bool {
        if !node.is_named() {
            let parent = self.frames.last().map_or(Kind::Block, |frame| frame.kind);
            // An operator is the only token that is read for itself.
            if field == Field::Operator && matches!(parent, Kind::Binary | Kind::Augment | Kind::Unary) {
                self.leaf(node, Kind::Operator, field);
            }
            return false;
        }
        let mut kind = self.grammar.kind(node.kind_id());
        if self.grammar.export == Some(node.kind_id()) && node.child_by_field_name("source").is_some() {
            kind = Kind::Import;
        }
        match kind {
            Kind::Skip => return false,
            // The name of a type, behind the `as` or `satisfies` of a value.
            Kind::Ident
                if self
                    .frames
                    .last()
                    .is_some_and(|frame| frame.kind == Kind::Pass && !frame.children.first.is_none()) =>
            {
                return false;
            }
            Kind::Text => kind = self.text_kind(node),
            Kind::Chunk => kind = self.chunk_kind(),
            Kind::Group => {
                self.frames.push(Frame { kind, field, start: 0, line: 0, children: Children::new(), group: true });
                return true;
            }
            _ => {}
        }
        if node.child_count() == 0 || matches!(kind, Kind::Literal | Kind::Markup | Kind::Chunk | Kind::RawChunk) {
            self.leaf(node, kind, field);
            return false;
        }
        let (start, line) = (place(node.start_byte()), place(node.start_position().row));
        self.frames.push(Frame { kind, field, start, line, children: Children::new(), group: false });
        true
    }

    /// A text without values is one literal.
    fn text_kind(&self, node: &Node<'_>) -> Kind {
        let mut cursor = node.walk();
        let plain = !node
            .children(&mut cursor)
            .any(|child| matches!(child.kind(), "template_substitution" | "interpolation") || child.is_error());
        let attribute = self.frames.last().is_some_and(|frame| frame.kind == Kind::Attribute);
        match (plain, attribute) {
            (true, true) => Kind::Markup,
            (true, false) => Kind::Literal,
            (false, _) => Kind::Text,
        }
    }

    fn chunk_kind(&self) -> Kind {
        let start = self.frames.last().map_or(0, |frame| frame.start as usize);
        let opening = self.source.get(start..).unwrap_or_default();
        let raw = opening.chars().take_while(char::is_ascii_alphabetic).any(|c| c.eq_ignore_ascii_case(&'r'));
        if raw { Kind::RawChunk } else { Kind::Chunk }
    }

    fn leaf(&mut self, node: &Node<'_>, kind: Kind, field: Field) {
        let (start, end) = (place(node.start_byte()), place(node.end_byte()));
        // An escape and the text beside it are one chunk.
        let last = self.frames.last().map_or(Id::NONE, |frame| frame.children.last);
        if matches!(kind, Kind::Chunk | Kind::RawChunk) && !last.is_none() {
            let before = self.tree.node_mut(last);
            if before.kind == kind && before.end == start {
                before.end = end;
                return;
            }
        }
        let id = self.tree.add(kind, start, end, place(node.start_position().row), Children::new());
        self.give(id, field);
    }

    fn leave(&mut self, node: &Node<'_>) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.group {
            return;
        }
        // `as name`: the name itself.
        if frame.kind == Kind::Pass && frame.field == Field::Alias && !frame.children.first.is_none() {
            return self.give(frame.children.first, Field::Alias);
        }
        let id = self.tree.add(frame.kind, frame.start, place(node.end_byte()), frame.line, frame.children);
        self.give(id, frame.field);
    }

    /// Hangs a node into the innermost that is open; the last one has none, and is the root.
    fn give(&mut self, id: Id, field: Field) {
        match self.frames.iter_mut().rev().find(|frame| !frame.group) {
            Some(parent) => self.tree.hang(&mut parent.children, id, field),
            None => self.tree.root = Root(id),
        }
    }
}

/// Texts are shorter than four gigabytes: whoever plants has checked that.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

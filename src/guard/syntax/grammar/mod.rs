//! The grammars of tree-sitter: for whatever the parsers by hand do not read.
//!
//! A grammar finds structure in anything, and says where it found none. It takes about ten times as long as they do.
//!
//! ```text
//!   text ─► tree-sitter ─► its tree ─► planting, by the vocabulary ─► our tree
//! ```

mod planting;
mod vocabulary;

use std::{collections::HashMap, ops::ControlFlow};

use tree_sitter::{ParseOptions, Parser};

use self::{planting::Planting, vocabulary::grammar};
use super::{Dialect, tree::Tree};

/// The parser reports each hundred of its operations; it takes about two a byte. What takes far more is no program.
const REPORTS_PER_BYTE: usize = 1;
const REPORTS_MIN: usize = 20_000;

/// A part of a file in which no structure was found.
pub(in crate::guard) struct Broken {
    pub start: usize,
    pub end: usize,
    /// Counted from 0.
    pub line: usize,
}

/// Parsers, made when first needed and used for all files of an inspection.
#[derive(Default)]
pub(in crate::guard) struct Grammars {
    parsers: HashMap<Dialect, Parser>,
}

impl Grammars {
    /// The tree of a text, and where it is broken; nothing when parsing takes longer than is allowed.
    pub fn read(&mut self, dialect: Dialect, text: &str) -> Option<(Tree, Vec<Broken>)> {
        u32::try_from(text.len()).ok()?;
        let grammar = grammar(dialect);
        let parser = self.parsers.entry(dialect).or_default();
        parser.set_language(&grammar.language).ok()?;
        let bytes = text.as_bytes();
        let mut left = REPORTS_MIN + bytes.len() * REPORTS_PER_BYTE;
        let mut progress = |_: &tree_sitter::ParseState| {
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let parsed = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
        let Some(parsed) = parsed else {
            parser.reset();
            return None;
        };
        let broken = if parsed.root_node().has_error() { broken(&parsed) } else { Vec::new() };
        Some((Planting::new(text, grammar).plant(parsed.walk()), broken))
    }
}

/// The outermost parts that are no syntax.
fn broken(tree: &tree_sitter::Tree) -> Vec<Broken> {
    let mut parts = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            let range = node.byte_range();
            parts.push(Broken { start: range.start, end: range.end, line: node.start_position().row });
        }
        // An error's own text was read whole; only healthy nodes can hide another.
        if node.has_error() && !node.is_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return parts;
            }
        }
    }
}

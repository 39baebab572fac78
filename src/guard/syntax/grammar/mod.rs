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

/// Brackets in brackets. Programs have some dozens; past some thousands, each step of the parser takes longer than the
/// one before.
const NESTING_MAX: usize = 1_000;
/// The parser reports each hundred of its operations, and takes at most one and a half for a byte of a program. What
/// takes four times as many is none.
const BYTES_PER_REPORT: usize = 16;
const REPORTS_MIN: usize = 1_000;
/// Reports for all files of an inspection: four megabytes of what the parsers by hand do not read, in about a second.
const REPORTS_MAX: usize = 64_000;

/// A part of a file in which no structure was found.
pub(in crate::guard) struct Broken {
    pub start: usize,
    pub end: usize,
    /// Counted from 0.
    pub line: usize,
}

/// Why a text has no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Refused {
    /// It nests deeper than is read.
    Deep,
    /// It takes more steps than are allowed for its size, or than are left.
    Long,
}

/// Parsers, made when first needed and used for all files of an inspection.
pub(in crate::guard) struct Grammars {
    parsers: HashMap<Dialect, Parser>,
    /// Reports that are left for the inspection.
    reports: usize,
}

impl Default for Grammars {
    fn default() -> Self {
        Self { parsers: HashMap::new(), reports: REPORTS_MAX }
    }
}

impl Grammars {
    /// The tree of a text, and where it is broken.
    ///
    /// # Errors
    /// When it is no program that could be read with the steps that are allowed.
    pub fn read(&mut self, dialect: Dialect, text: &str) -> Result<(Tree, Vec<Broken>), Refused> {
        let bytes = text.as_bytes();
        if nesting(bytes) > NESTING_MAX {
            return Err(Refused::Deep);
        }
        u32::try_from(bytes.len()).map_err(|_| Refused::Long)?;
        let grammar = grammar(dialect);
        let parser = self.parsers.entry(dialect).or_default();
        parser.set_language(&grammar.language).map_err(|_| Refused::Long)?;
        let allowed = (REPORTS_MIN + bytes.len() / BYTES_PER_REPORT).min(self.reports);
        let mut left = allowed;
        let mut progress = |_: &tree_sitter::ParseState| {
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let parsed = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
        self.reports -= allowed - left;
        let Some(parsed) = parsed else {
            parser.reset();
            return Err(Refused::Long);
        };
        let broken = if parsed.root_node().has_error() { broken(&parsed) } else { Vec::new() };
        Ok((Planting::new(text, grammar).plant(parsed.walk()), broken))
    }
}

/// How deep brackets nest, those in texts and comments included.
fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in bytes {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
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

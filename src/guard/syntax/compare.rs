//! The two readers of one language, held against each other: for tests and for fuzzing.

use std::collections::BTreeMap;

use super::{
    Dialect, by_hand,
    grammar::Grammars,
    kinds::Kind,
    tree::{Id, Tree},
};

/// What a tree must not lack.
type Calls = BTreeMap<u32, &'static str>;

/// Reads `text` by hand, and, where that is possible, looks whether the tree is sound and whether each call and each
/// import that the grammar sees is in it. Nothing is said of texts that either cannot read.
///
/// # Errors
/// Says what is different.
pub(in crate::guard) fn compare(dialect: Dialect, text: &str) -> Result<(), String> {
    let Ok(tree) = by_hand(dialect, text) else { return Ok(()) };
    sound(&tree, text)?;
    let Ok((other, broken)) = Grammars::default().read(dialect, text) else { return Ok(()) };
    if !broken.is_empty() {
        return Ok(());
    }
    sound(&other, text)?;
    let ours = calls(&tree, text);
    match calls(&other, text).into_iter().find(|(at, _)| !ours.contains_key(at)) {
        Some((at, what)) => {
            let source: String = text.get(at as usize..).unwrap_or_default().chars().take(60).collect();
            Err(format!("{what} is not seen at {at}: {source:?}"))
        }
        None => Ok(()),
    }
}

/// Every node lies within its parent, at characters, on the line that it says, and is met once.
fn sound(tree: &Tree, text: &str) -> Result<(), String> {
    let starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
    let mut met = 0;
    let mut open = vec![(tree.root.0, 0, text.len())];
    while let Some((id, from, to)) = open.pop() {
        met += 1;
        let node = tree.node(id);
        let (start, end) = (node.start as usize, node.end as usize);
        if met > tree.len() || start > end || start < from || end > to || text.get(start..end).is_none() {
            return Err(format!("{:?} at {start}..{end} in {from}..{to}", node.kind));
        }
        let line = starts.partition_point(|at| *at <= start) - 1;
        if !text.contains('\r') && line != node.line as usize {
            return Err(format!("{:?} at {start} is said to be in line {}, not {line}", node.kind, node.line));
        }
        open.extend(tree.children(id).map(|child| (child, start, end)));
    }
    Ok(())
}

/// Where the arguments of calls begin, and the names of modules.
fn calls(tree: &Tree, text: &str) -> Calls {
    let mut found = Calls::new();
    let mut open = vec![tree.root.0];
    while let Some(id) = open.pop() {
        let node = tree.node(id);
        let parts: Vec<Id> = tree.children(id).collect();
        open.extend(&parts);
        match node.kind {
            Kind::Call | Kind::New => {
                if let [function, arguments, ..] = parts.as_slice() {
                    // The grammar takes `await (x)` for a call.
                    let (start, end) = (tree.node(*function).start as usize, tree.node(*function).end as usize);
                    if text.get(start..end) == Some("await") {
                        continue;
                    }
                    found.insert(tree.node(*arguments).start, "a call");
                }
            }
            Kind::Import | Kind::FromImport => drop(found.insert(node.start, "an import")),
            _ => {}
        }
    }
    found
}

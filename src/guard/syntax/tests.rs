//! Two readers, one tree: what the parsers by hand read, they read as the grammars do.

use std::{fmt::Write as _, fs, path::Path};

use super::*;
use crate::guard::syntax::{kinds::Kind, tree::Id};

/// A tree as text, without what means nothing to the walk: statements are statements, brackets are brackets.
fn shown(tree: &Tree, source: &str) -> String {
    let mut text = String::new();
    let mut open = vec![(tree.root.0, 0)];
    while let Some((id, depth)) = open.pop() {
        let node = tree.node(id);
        let whole = matches!(node.kind, Kind::Dotted | Kind::Regex | Kind::ImportAll);
        let inner: Vec<Id> = tree.children(id).filter(|_| !whole).collect();
        let empty = node.kind == Kind::Parameters && inner.is_empty();
        let plain = matches!(node.kind, Kind::Skip | Kind::Block | Kind::Pass)
            || empty
            || matches!(node.kind, Kind::DefaultPattern | Kind::Other) && inner.len() == 1;
        if !plain {
            let names = !whole && !inner.is_empty() || matches!(node.kind, Kind::Parameters | Kind::Function);
            let span = if names { "" } else { &source[node.start as usize..node.end as usize] };
            let kind = if node.kind == Kind::Property { Kind::Ident } else { node.kind };
            writeln!(text, "{:depth$}{kind:?} {span:?} {}", "", node.line).unwrap();
        }
        let depth = depth + usize::from(!plain);
        open.extend(inner.into_iter().rev().map(|id| (id, depth)));
    }
    text
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn programs_are_read_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("tests/guard"), &mut paths);
    files(&root.join("src/generator/builtin"), &mut paths);
    paths.sort();
    let (mut both, mut unread, mut different) = (0, Vec::new(), Vec::new());
    for path in paths {
        let dialect = match path.extension().and_then(|end| end.to_str()) {
            Some("js" | "mjs" | "cjs" | "jsx") => Dialect::JavaScript,
            Some("ts") => Dialect::TypeScript,
            Some("tsx") => Dialect::Tsx,
            Some("py") => Dialect::Python,
            _ => continue,
        };
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let Ok((grammars, broken)) = Grammars::default().read(dialect, &text) else { continue };
        if !broken.is_empty() {
            continue;
        }
        match by_hand(dialect, &text) {
            Err(Unread) => unread.push(path.display().to_string()),
            Ok(tree) => {
                both += 1;
                let (one, other) = (shown(&tree, &text), shown(&grammars, &text));
                if one != other {
                    let at = one
                        .lines()
                        .zip(other.lines())
                        .position(|(a, b)| a != b)
                        .unwrap_or(one.lines().count().min(other.lines().count()));
                    let near =
                        |text: &str| text.lines().skip(at.saturating_sub(3)).take(8).collect::<Vec<_>>().join("\n  ");
                    different.push(format!(
                        "{}\n by hand:\n  {}\n grammar:\n  {}",
                        path.display(),
                        near(&one),
                        near(&other)
                    ));
                }
            }
        }
    }
    println!("{both} read alike or not, {} unread, {} different", unread.len(), different.len());
    for one in unread.iter().chain(&different) {
        println!("{one}\n");
    }
    // What is left: overloads and types of generics, which mean nothing, the end of `break;`, and `await (x)`, which the
    // grammar takes for a call.
    assert!(different.len() * 100 <= 3 * both && unread.len() * 100 <= both, "{}", different.join("\n"));
}

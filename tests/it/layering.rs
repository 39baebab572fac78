//! Holds `use crate::…` to the table of allowed arrows in ARCHITECTURE.md.
//!
//! The table is read from the document itself, so the picture people read is the one that is enforced.
//! The idea is rust-analyzer's `tidy`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn boxes_use_only_what_the_table_allows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let allowed = allowed_arrows(&fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap());
    assert_eq!(boxes(&root.join("src")), allowed.keys().cloned().collect(), "the table and src/ name the same boxes");
    let mut wrong = Vec::new();
    for (name, may_use) in &allowed {
        for file in rust_files(&root.join("src").join(name)) {
            for used in crate_paths(&fs::read_to_string(&file).unwrap()) {
                if used != *name && !may_use.contains(&used) {
                    wrong.push(format!("{}: `crate::{used}`", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that ARCHITECTURE.md does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_cycle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut arrows = allowed_arrows(&fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap());
    while let Some(leaf) = arrows.iter().find(|(_, uses)| uses.is_empty()).map(|(name, _)| name.clone()) {
        arrows.remove(&leaf);
        arrows.values_mut().for_each(|uses| {
            uses.remove(&leaf);
        });
    }
    assert!(arrows.is_empty(), "boxes in a cycle: {:?}", arrows.keys());
}

#[test]
fn paths_are_found_however_they_are_written() {
    let found =
        crate_paths("use crate::types::{A, B};\nuse crate::{store, events::Event};\nlet x = crate::guard::f();");
    assert_eq!(found, ["types", "store", "events", "guard"].map(str::to_owned).into());
}

/// Rows of the form ``| `box` | `used`, `used` | why |``.
fn allowed_arrows(document: &str) -> Arrows {
    let section = document.split("## Allowed arrows").nth(1).expect("ARCHITECTURE.md has a section `Allowed arrows`");
    let section = section.split("\n## ").next().unwrap_or_default();
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| {
            let mut cells = line.split('|').skip(1);
            let name = names(cells.next()?).into_iter().next()?;
            Some((name, names(cells.next()?)))
        })
        .collect()
}

fn boxes(src: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(src).unwrap().map(|entry| entry.unwrap());
    entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// All but `tests.rs`: a test may set a scene with whatever it takes.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") && path.file_stem().is_none_or(|stem| stem != "tests")
        {
            files.push(path);
        }
    }
    files
}

/// The first segment of every `crate::…` path, those inside of braces included.
fn crate_paths(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in source.match_indices("crate::") {
        let rest = &source[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(top_level_names(list)),
            None => found.extend(identifier(rest)),
        }
    }
    found
}

fn top_level_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut start) = (0, Vec::new(), true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && (c.is_ascii_alphabetic() || c == '_') => {
                names.extend(identifier(&list[at..]));
                start = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

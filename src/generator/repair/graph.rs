//! Which of the app's own files import which, read once: each file's text in one pass, each import by its path.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    modules::normal,
    source::{Language, Sides, is_vendored, language, pattern},
};
use crate::types::{AppFile, Artifact};

/// The files that run on the server, and for each the places in the list of those that it imports, wherever in it that is.
pub(super) struct Graph<'a> {
    pub files: Vec<&'a AppFile>,
    taken: Vec<BTreeSet<usize>>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(artifact: &'a Artifact) -> Self {
        let sides = Sides::of(artifact);
        let is_own = |file: &&AppFile| sides.is_servers(file) && !is_vendored(&file.path);
        let files: Vec<&AppFile> = artifact.files.iter().filter(is_own).collect();
        let (mut scripts, mut modules) = (BTreeMap::new(), BTreeMap::new());
        for (at, file) in files.iter().enumerate() {
            match file.path.strip_suffix(".py") {
                Some(module) => ends(module.strip_suffix("/__init__").unwrap_or(module)).for_each(|end| {
                    modules.entry(end).or_insert(at);
                }),
                None => drop(scripts.insert(file.path.as_str(), at)),
            }
        }
        let taken = files.iter().map(|file| match language(&file.path) {
            Language::Python => taken_in_python(file, &modules),
            Language::Script => taken_in_script(file, &scripts),
            Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => BTreeSet::new(),
        });
        Self { taken: taken.collect(), files }
    }

    /// Whether another file imports it.
    pub(super) fn is_taken(&self, at: usize) -> bool {
        self.taken.iter().enumerate().any(|(other, taken)| other != at && taken.contains(&at))
    }

    /// Whether imports lead from one file to another. Each file is looked at once.
    pub(super) fn leads_to(&self, from: usize, to: usize) -> bool {
        let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
        while let Some(at) = next.pop() {
            if self.taken[at].contains(&to) {
                return true;
            }
            next.extend(self.taken[at].iter().copied().filter(|taken| seen.insert(*taken)));
        }
        false
    }
}

/// A path and all ends of it: a module may be called by the end of its path, seen from its own package.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(path.match_indices('/').map(|(at, _)| &path[at + 1..]))
}

fn taken_in_python(file: &AppFile, modules: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    let import = pattern!(r"(?m)^[ \t]*(?:from\s+\.*([\w.]*)\s+import\s+\(?([\w, ]+)|import\s+([\w., ]+))");
    let named = import.captures_iter(&file.content).flat_map(|found| {
        let words = |at: usize| found.get(at).map_or("", |group| group.as_str());
        let parts = [words(1), words(2), words(3)].join(" ").replace(',', " ");
        parts.split_whitespace().map(|name| name.replace('.', "/")).collect::<Vec<_>>()
    });
    named.filter_map(|name| modules.get(name.as_str()).copied()).collect()
}

fn taken_in_script(file: &AppFile, scripts: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    const ENDS: [&str; 5] = ["", ".js", ".mjs", ".cjs", "/index.js"];
    let import = pattern!(r#"(?:\brequire\(|\bimport\(|\bfrom\s+|\bimport\s+)\s*["'`](\.{1,2}/?[^"'`\n]*)["'`]"#);
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let of = |found: regex::Captures<'_>| {
        let path = normal(&format!("{folder}/{}", &found[1]))?;
        ENDS.iter().find_map(|end| scripts.get(format!("{path}{end}").as_str()).copied())
    };
    import.captures_iter(&file.content).filter_map(of).collect()
}

//! What fuzz targets may call: each function takes bytes that a stranger wrote and holds the guard to its promises.
//! Only there when `cargo fuzz` builds, and for tests, which put the seeds through.

use super::{
    FINDINGS_MAX, Policy, inspect_files, inspect_prompt,
    syntax::{self, Dialect},
};
use crate::types::AppFile;

const NAMES: [&str; 14] = [
    "a.js",
    "a.ts",
    "a.tsx",
    "a.py",
    "a.html",
    "a.css",
    "a.sh",
    "package.json",
    "requirements.txt",
    "Dockerfile",
    "Procfile",
    "a.ipynb",
    ".env",
    "README.md",
];
const DIALECTS: [Dialect; 4] = [Dialect::JavaScript, Dialect::TypeScript, Dialect::Tsx, Dialect::Python];

/// Any file, and any prompt: there is a verdict, and it is the same when it is asked for again. The first byte chooses
/// the file's name.
///
/// # Panics
/// When the guard breaks a promise.
pub fn verdict(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let content = String::from_utf8_lossy(rest).into_owned();
    let _ = inspect_prompt(&content);
    let path = NAMES[usize::from(*first) % NAMES.len()].to_owned();
    let files = [AppFile { path, content }];
    let verdict = inspect_files(&files, &Policy::default());
    assert!(verdict.findings.len() <= FINDINGS_MAX);
    assert_eq!(verdict, inspect_files(&files, &Policy::default()));
}

/// A program: the parser by hand makes a sound tree of it, which hides no call that the grammar sees. The first byte
/// chooses the language.
///
/// # Panics
/// When the guard breaks a promise.
pub fn trees(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let dialect = DIALECTS[usize::from(*first) % DIALECTS.len()];
    if let Err(difference) = syntax::compare(dialect, &text) {
        panic!("{dialect:?}: {difference}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Target = fn(&[u8]);
    const TARGETS: [(&str, Target); 2] = [("guard_trees", trees), ("guard_verdict", verdict)];

    /// The seeds go through, and this file compiles, without a fuzzer too.
    #[test]
    fn no_seed_is_a_finding() {
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
        for (name, target) in TARGETS {
            let files = std::fs::read_dir(seeds.join(name)).unwrap();
            assert!(files.map(|file| target(&std::fs::read(file.unwrap().path()).unwrap())).count() > 0, "{name}");
        }
    }
}

//! The guard on any bytes: no panic, no hang, no growth. The first byte chooses the language.
//!
//! `cd tests/fuzz-guard && cargo fuzz run --fuzz-dir . inspect corpus ../guard/hostile/evaluate ../guard/hostile/commands`

#![no_main]

use libfuzzer_sys::fuzz_target;
use spawnai::{
    guard::{FINDINGS_MAX, Policy, inspect_files, inspect_prompt},
    types::AppFile,
};

const NAMES: [&str; 14] = [
    "a.js", "a.ts", "a.tsx", "a.py", "a.html", "a.css", "a.sh", "package.json", "requirements.txt", "Dockerfile", "Procfile",
    "a.ipynb", ".env", "README.md",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let content = String::from_utf8_lossy(rest).into_owned();
    let _ = inspect_prompt(&content);
    let path = NAMES[usize::from(*first) % NAMES.len()].to_owned();
    let verdict = inspect_files(&[AppFile { path, content }], &Policy::default());
    assert!(verdict.findings.len() <= FINDINGS_MAX);
});

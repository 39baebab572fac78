//! The guard against a corpus: what it must stop, and what it must let pass.
//!
//! `tests/guard/hostile/{kind}/…` and `tests/guard/benign/{kind}/…` hold one program a file; the kind is a name for the
//! table. `cargo test --test it guard:: -- --nocapture` prints detection and false blocks by kind and by rule. Every file is
//! read alone, as if it were a whole app.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use spawnai::{
    guard::{Policy, Severity, inspect_files},
    types::AppFile,
};

const HOSTILE_MIN: usize = 200;
const BENIGN_MIN: usize = 400;
const DETECTION_MIN: f64 = 0.97;
const FALSE_BLOCKS_MAX: f64 = 0.01;

/// Files of a kind, and how many were blocked.
#[derive(Default)]
struct Row {
    files: usize,
    blocked: usize,
}

#[derive(Default)]
struct Table {
    kinds: BTreeMap<String, Row>,
    rules: BTreeMap<String, usize>,
    /// Those that were judged the other way.
    odd: Vec<String>,
}

impl Table {
    fn of(folder: &str, hostile: bool) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guard").join(folder);
        let mut table = Self::default();
        for path in files(&root) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let verdict = inspect_files(&[AppFile { path: name, content: text }], &Policy::default());
            let below = path.strip_prefix(&root).unwrap();
            let kind = below.iter().next().unwrap().to_str().unwrap().to_owned();
            let row = table.kinds.entry(kind).or_default();
            row.files += 1;
            row.blocked += usize::from(verdict.blocked);
            let mut rules: Vec<_> =
                verdict.findings.into_iter().filter(|finding| finding.severity == Severity::Block).collect();
            rules.dedup_by(|one, other| one.rule == other.rule);
            if verdict.blocked != hostile {
                let why: Vec<String> =
                    rules.iter().map(|finding| format!("{}: {}", finding.rule, finding.why)).collect();
                table.odd.push(format!("{}  {}", below.display(), why.join("; ")));
            }
            for finding in rules {
                *table.rules.entry(finding.rule).or_default() += 1;
            }
        }
        table
    }

    fn share(&self) -> (usize, f64) {
        let files: usize = self.kinds.values().map(|row| row.files).sum();
        let blocked: usize = self.kinds.values().map(|row| row.blocked).sum();
        let share = blocked as f64 / files.max(1) as f64;
        (files, share)
    }

    fn print(&self, title: &str) {
        let (files, share) = self.share();
        println!("\n{title}: {files} files, {:.1} % blocked", share * 100.0);
        for (kind, row) in &self.kinds {
            println!("  {kind:<24} {:>4} of {:>4}", row.blocked, row.files);
        }
        for odd in &self.odd {
            println!("  other than expected: {odd}");
        }
    }
}

#[test]
fn the_corpus_is_judged_as_a_person_would() {
    let hostile = Table::of("hostile", true);
    let benign = Table::of("benign", false);
    hostile.print("hostile");
    benign.print("benign");
    println!("\n  {:<28} {:>8} {:>8}", "rule", "hostile", "benign");
    for (rule, count) in &hostile.rules {
        println!("  {rule:<28} {count:>8} {:>8}", benign.rules.get(rule).copied().unwrap_or(0));
    }
    let ((hostiles, detection), (benigns, blocks)) = (hostile.share(), benign.share());
    assert!(hostiles >= HOSTILE_MIN && benigns >= BENIGN_MIN, "{hostiles} and {benigns} files");
    assert!(detection >= DETECTION_MIN, "{detection:.3} detected; missed:\n{}", hostile.odd.join("\n"));
    assert!(blocks <= FALSE_BLOCKS_MAX, "{blocks:.3} blocked falsely:\n{}", benign.odd.join("\n"));
}

/// Whatever is given, there is a verdict: time and memory are bounded by steps and bytes.
#[test]
fn bad_input_gets_a_verdict() {
    let policy = Policy { file_bytes_max: 16 << 20, total_bytes_max: 64 << 20, ..Policy::default() };
    let (deep, long) = (100_000, 20_000);
    for (name, text) in [
        ("a.js", "(".repeat(deep) + &")".repeat(deep)),
        ("a.js", "[".repeat(deep)),
        ("a.js", "a={b:".repeat(deep)),
        ("a.js", "`${".repeat(long)),
        ("a.tsx", "<a>".repeat(long)),
        ("a.py", "(".repeat(deep) + &")".repeat(deep)),
        ("a.py", "x = ".to_owned() + &"-".repeat(long) + "1"),
        ("a.html", "<div ".repeat(long)),
        ("a.html", "<script>".repeat(long)),
        ("a.css", "@import ".repeat(long)),
        ("a.sh", "$(".repeat(deep)),
        ("a.sh", "'\"`".repeat(long)),
        ("package.json", "[".repeat(deep)),
        ("a.js", "s = s + 'abcdefgh';".repeat(long)),
        ("a.js", "'a'".to_owned() + &".concat('bcdefgh')".repeat(long)),
        ("a.js", "\u{0}\u{1}\u{2}".repeat(long)),
        ("Dockerfile", "RUN \\\n".repeat(long)),
        ("a.js", String::new()),
    ] {
        let file = AppFile { path: name.to_owned(), content: text };
        assert!(inspect_files(&[file], &policy).findings.len() <= 100, "{name}");
    }
}

/// The real binary: what it prints, and what its exit code says.
#[test]
fn inspect_tells_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lib")).unwrap();
    fs::write(folder.path().join("server.js"), "require('./lib/a');\n").unwrap();
    assert_eq!(inspect(folder.path(), &["."]).0, 0);
    fs::write(folder.path().join("lib/a.js"), "\nmodule.exports = (s) => eval(s);\n").unwrap();
    let (code, printed) = inspect(folder.path(), &["."]);
    assert!(code == 1 && printed.contains("lib/a.js:2") && printed.contains("code-eval"), "{printed}");
    let (code, printed) = inspect(folder.path(), &[".", "--sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, sarif["runs"][0]["results"][0]["ruleId"].as_str()), (1, Some("code-eval")));
    let (_, printed) = inspect(folder.path(), &[".", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((json["blocked"].as_bool(), json["findings"][0]["line"].as_u64()), (Some(true), Some(2)));
    fs::write(folder.path().join("policy.toml"), "[rules]\ncode-eval = 'warn'\n").unwrap();
    assert_eq!(inspect(folder.path(), &[".", "--guard-policy", "policy.toml"]).0, 0);
    fs::write(folder.path().join("policy.toml"), "[rules]\ncode-evil = 'warn'\n").unwrap();
    assert_eq!(inspect(folder.path(), &[".", "--guard-policy", "policy.toml"]).0, 2);
    assert_eq!(inspect(folder.path(), &["not-there"]).0, 2);
}

fn inspect(folder: &Path, args: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_spawnai"));
    let output = command.arg("inspect").args(args).current_dir(folder).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

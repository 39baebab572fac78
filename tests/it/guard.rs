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
    guard::{EGRESS_NOTES, FINDINGS_MAX, Policy, Severity, catalog, inspect_files},
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

/// What can stand in itself: how it is opened, what is inside, how it is closed.
type Nest = (&'static str, &'static str, &'static str);

/// Brackets, and whatever else nests, by the name of the file that it stands in.
const NESTS: &[(&str, &[Nest])] = &[
    (
        "a.js",
        &[
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{", "", "}"),
            ("a={b:", "1", "}"),
            ("`${", "1", "}`"),
            ("f(", "", ")"),
            ("x=>", "'a'", ""),
            ("x=>{", "", "}"),
            ("({a:", "1", "})=>1"),
            ("class a{b(){", "", "}}"),
            ("class extends ", "a", ""),
            ("@", "a", ""),
            ("new ", "a", ""),
            ("!", "1", ""),
            ("a?b:", "1", ""),
            ("a**", "1", ""),
            ("if(a)", "b", ""),
            ("while(a)", "b.push()", ""),
            ("'a'+", "b", ""),
            ("a.b(", "", ")"),
        ],
    ),
    (
        "a.ts",
        &[
            ("type a={b:", "c", "}"),
            ("let a:(", "b", ")"),
            ("let a:[", "b", "]"),
            ("a<b>(", "c", ")"),
            ("a<", "", ""),
            ("<a>", "b", ""),
        ],
    ),
    ("a.tsx", &[("<a>", "", "</a>"), ("<a>{", "1", "}</a>"), ("<a b={", "1", "}/>"), ("<T,>", "a", ""), ("<", "", "")]),
    (
        "a.py",
        &[
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{1:", "1", "}"),
            ("f'{", "1", "}'"),
            ("[a for b in ", "c", "]"),
            ("lambda:", "'a'", ""),
            ("not ", "1", ""),
            ("x=", "1", ""),
            ("a if b else ", "1", ""),
            ("if a:\n ", "", ""),
        ],
    ),
    ("a.html", &[("<a>", "", "</a>"), ("<a ", "", ""), ("<!--", "", ""), ("<script>", "", "</script>")]),
    ("a.css", &[("a{", "", "}"), ("@media(", "", ")"), ("@import url(", "", ")")]),
    (
        "a.sh",
        &[("$(", "a", ")"), ("(", "a", ")"), ("{ ", "a", "}"), ("`", "a", "`"), ("${a:-", "", "}"), ("a | ", "b", "")],
    ),
    ("Makefile", &[("x:\n\t$(", "a", ")"), ("A := $(", "A", ")"), ("\t${", "a", "}"), ("{{", "a", "}}")]),
    ("package.json", &[("[", "1", "]"), ("{\"scripts\":", "1", "}")]),
    ("a.ipynb", &[("{\"cells\":", "1", "}")]),
    ("Dockerfile", &[("RUN [", "", "]")]),
];

fn wide_policy() -> Policy {
    Policy { file_bytes_max: 16 << 20, total_bytes_max: 64 << 20, ..Policy::default() }
}

/// A hundred thousand brackets of each kind, closed and left open, and what nests without any, on a stack of no unusual
/// size.
#[test]
fn no_nesting_overflows() {
    const BRACKETS: usize = 100_000;
    const OTHERS: usize = 10_000;
    for (name, nests) in NESTS {
        for (open, inside, close) in *nests {
            let times = if close.is_empty() { OTHERS } else { BRACKETS };
            for closed in [false, true] {
                let end = if closed { close.repeat(times) } else { String::new() };
                let file = AppFile { path: (*name).to_owned(), content: open.repeat(times) + inside + &end };
                assert!(inspect_files(&[file], &wide_policy()).findings.len() <= FINDINGS_MAX, "{name} {open}");
            }
        }
    }
}

/// What is too costly to be read is no way past the guard.
#[test]
fn what_is_hard_to_read_is_blocked() {
    let deep = "[".repeat(2_000) + &"]".repeat(2_000) + "; globalThis['ev' + 'al'](x)";
    let piped = "true | ".repeat(1_000) + "cat";
    let named: String = (0..1_000).map(|at| format!("a{at}=b\n")).collect();
    for (name, text) in [("a.js", deep), ("a.sh", piped), ("a.sh", named)] {
        let verdict = inspect_files(&[AppFile { path: name.to_owned(), content: text }], &wide_policy());
        assert!(verdict.findings.iter().any(|finding| finding.rule == "code-unreadable"), "{:?}", verdict.findings);
    }
}

/// More files than are allowed, none at all, files of nothing, half a file, and ten megabytes on one line.
#[test]
fn odd_artifacts_get_a_verdict() {
    let file = |at: usize, content: &str| AppFile { path: format!("{at}.js"), content: content.to_owned() };
    let rules = |files: &[AppFile]| -> Vec<String> {
        inspect_files(files, &Policy::default()).findings.into_iter().map(|finding| finding.rule).collect()
    };
    let many: Vec<AppFile> = (0..5_000).map(|at| file(at, "let a = 1;\n")).collect();
    assert_eq!(rules(&many), ["files-too-many"]);
    assert_eq!(rules(&[]), ["files-none"]);
    assert_eq!(rules(&[file(0, "")]), [""; 0]);
    assert_eq!(rules(&[file(0, &"a;".repeat(5_000_000))]), ["file-too-large", "files-too-large"]);
    assert_eq!(rules(&[file(0, "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0\0\u{3}\0\u{3e}\0")]), ["file-not-text"]);
    for text in ["let a = 'x; eval(", "const a = { b: [1, (2", "/* never", "`${", "class A {"] {
        let _ = rules(&[file(0, text)]);
    }
    // Half of a hostile file is hostile.
    assert!(
        rules(&[file(0, "require('child_process').exec(req.query.a); if (")]).iter().any(|rule| rule != "path-empty")
    );
    for text in ["a;".repeat(500_000), "a".repeat(10_000_000), format!("'{}'", "x".repeat(10_000_000))] {
        let verdict = inspect_files(&[file(0, &text)], &wide_policy());
        assert!(!verdict.blocked, "{:?}", verdict.findings);
    }
}

/// Whatever is given, there is a verdict: time and memory are bounded by steps and bytes.
#[test]
fn bad_input_gets_a_verdict() {
    let policy = wide_policy();
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
        ("Makefile", "A=\\\n".repeat(long)),
        ("Makefile", "x:\n\t".to_owned() + &"{{".repeat(deep)),
        ("Makefile", format!("N={}\nT=$(N)\nx:\n\t$(subst a,$(N),$(T))\n", "a".repeat(deep))),
        ("a.js", format!("const a ={}[{}];", " ".repeat(deep), "\"169.254.169.254\",".repeat(long))),
        ("a.js", "const D=[\"169.254.169.254\"];".to_owned() + &"D.has(1);".repeat(long)),
        ("a.js", format!("const a=[{}];", "1,".repeat(4_000)) + &"f.apply(null,a);a.forEach(f);".repeat(long)),
        ("a.js", "f(process.env,\"ABC\");".repeat(long)),
        ("a.py", "while True:\n requests.get(u)\n".repeat(long)),
        ("a.py", "\u{e9} = [\"169.254.169.254\"]\nH\u{d4}TES = [\"metadata.google.internal\"]\n".to_owned()),
        ("a.js", "= [\"169.254.169.254\"];".repeat(2)),
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
    fs::write(folder.path().join("lib/a.js"), b"const a = '\xff\xfe\xc3';\neval(process.argv[2]);\n").unwrap();
    let (code, printed) = inspect(folder.path(), &["."]);
    assert!(code == 1 && printed.contains("lib/a.js:2"), "what is no UTF-8 is read all the same: {printed}");
}

/// Whatever a finding may be called, whoever reads its SARIF finds it explained there.
#[test]
fn every_rule_stands_in_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("server.js"), "let a = 1;\n").unwrap();
    let (_, printed) = inspect(folder.path(), &[".", "--sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let told: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    let notes = EGRESS_NOTES.iter().map(|(id, _, _)| *id);
    for id in catalog().map(|rule| rule.id).chain(notes) {
        assert_eq!(told.iter().filter(|other| **other == id).count(), 1, "{id}");
    }
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

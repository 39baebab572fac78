//! How fast the guard reads: each language at four sizes, and a whole app.
//!
//! The text is a program of everyday repeated to its size, each time under other names, so that nothing can be known from
//! the copy before. Medians of some runs in this process; one thread, as one session has.

#[path = "common/figures.rs"]
mod figures;

use std::time::Instant;

use figures::{median, table, verdict};
use spawnai::{
    guard::{Policy, inspect_files},
    types::AppFile,
};

const SIZES: [(usize, usize); 4] = [(10_000, 15), (100_000, 9), (1_000_000, 5), (10_000_000, 1)];
const RATE_MIN: f64 = 10.0;
const APP_BYTES: usize = 200_000;
const APP_MS_MAX: f64 = 30.0;
/// Time per byte at ten megabytes against that at a hundred kilobytes: more is no longer linear.
const GROWTH_MAX: f64 = 2.0;

const PROGRAMS: [(&str, &str); 6] = [
    ("a.js", include_str!("../src/generator/builtin/webapps/kanban/public/app.js")),
    ("a.tsx", include_str!("../tests/guard/benign/family/BookList.tsx")),
    ("a.py", include_str!("../src/generator/builtin/apis/crud/server.py")),
    ("a.html", include_str!("../tests/guard/benign/family/book.html")),
    ("a.css", include_str!("../tests/guard/benign/pages/style.css")),
    ("a.sh", include_str!("../tests/guard/benign/family/book_job.sh")),
];

fn main() {
    let mut rows = vec![row!["", "10 KB MB/s", "100 KB", "1 MB", "10 MB", "limit", "", "growth", ""]];
    for (name, program) in PROGRAMS {
        let rates = SIZES.map(|(bytes, runs)| {
            let text = repeated(program, bytes);
            text.len() as f64 / 1e3 / milliseconds(&[(name, text)], runs)
        });
        let growth = rates[1] / rates[3];
        let shown = rates.map(|rate| format!("{rate:.1}"));
        rows.push(row![
            name,
            shown[0],
            shown[1],
            shown[2],
            shown[3],
            format!("≥ {RATE_MIN}"),
            verdict(rates[2] >= RATE_MIN),
            format!("{growth:.2}"),
            verdict(growth <= GROWTH_MAX)
        ]);
    }
    table(&rows);
    let parts: Vec<(&str, String)> =
        PROGRAMS.iter().map(|(name, program)| (*name, repeated(program, APP_BYTES / PROGRAMS.len()))).collect();
    let took = milliseconds(&parts, 15);
    table(&[
        row!["", "ms", "limit", ""],
        row![
            format!("app of {} KB", APP_BYTES / 1000),
            format!("{took:.1}"),
            format!("≤ {APP_MS_MAX}"),
            verdict(took <= APP_MS_MAX)
        ],
    ]);
}

fn milliseconds(files: &[(&str, String)], runs: usize) -> f64 {
    let policy = Policy { file_bytes_max: usize::MAX, total_bytes_max: usize::MAX, ..Policy::default() };
    let files: Vec<AppFile> = files
        .iter()
        .enumerate()
        .map(|(at, (name, text))| AppFile { path: format!("{at}/{name}"), content: text.clone() })
        .collect();
    let times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            let verdict = inspect_files(&files, &policy);
            let took = start.elapsed().as_secs_f64() * 1e3;
            assert!(!verdict.blocked, "{:?}", verdict.findings);
            took
        })
        .collect();
    median(&times)
}

fn repeated(program: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + program.len());
    let mut copy = 0;
    while text.len() < bytes {
        text.push_str(&program.replace("state", &format!("state{copy}")).replace("row", &format!("row{copy}")));
        text.push('\n');
        copy += 1;
    }
    text
}

//! What only the end of a file tells: whether it does anything with what it names.
//!
//! ```text
//!   loads child_process ───────────┬─ starts programs that stand in the file, nothing else ─► warn
//!                                  └─ anything else ────────────────────────────────────────► block
//!   a place or a path as a key, ───┬─ the file itself opens and reaches nothing ────────────► warn
//!   or in a test that it is refused└─ it does ──────────────────────────────────────────────► block
//!   WebAssembly out of a text ─────┬─ a few hundred bytes, and no one to work for ──────────► warn
//!                                  └─ anything else ────────────────────────────────────────► block
//! ```

use super::{evaluate::NATIVE, harvest, page, spawn};
use crate::guard::{
    decode,
    fact::{Call, Standing},
    found::Found,
    value::{HOLE, Marks, Value},
    verdict::{FINDINGS_MAX, Finding, Severity},
};

/// What is kept of a file until its end.
#[derive(Default)]
pub(in crate::guard) struct Ending {
    /// The file is a test, by its name and by what it says.
    tests: bool,
    /// It shows texts as texts and gives none to a browser to read, and what is read now is such a text.
    pub shows: bool,
    pub showing: bool,
    /// What is judged is a name in a table, or what a test says that must be refused.
    pub doubt: bool,
    doubted: Vec<Finding>,
    /// It opens a file, or speaks to others.
    reaches: bool,
    /// Where it loads `child_process`, whether it starts a program by it that stands in the file, and whether any other.
    pub module: Option<usize>,
    pub fixed: bool,
    pub open: bool,
    /// It has a file of the app run by an interpreter.
    pub interprets: bool,
    /// A style makes frames transparent where they lie, and the page shows such a site in one.
    pub veiled: bool,
    pub frame: Option<(String, usize)>,
    /// Where it makes WebAssembly out of a text, and what is known of such texts.
    pub module_text: Option<usize>,
    /// Each that it makes comes of a short text that stands in the file, and there is no long one.
    tied: bool,
    large: bool,
    /// There are sockets or workers, or functions that it is given.
    busy: bool,
}

impl Ending {
    /// Keeps a finding until the file has been read.
    pub fn keep(&mut self, finding: Finding) {
        let known = self.doubted.iter().any(|other| other.rule == finding.rule && other.line == finding.line);
        if !known && self.doubted.len() < FINDINGS_MAX {
            self.doubted.push(finding);
        }
    }
}

/// Before a file is read.
pub(in crate::guard) fn begin(text: &str, found: &mut Found<'_>) {
    found.ending.tests = is_test(found.file()) && refuses(text);
    found.ending.shows = shows(text);
}

/// Whether a page's script shows texts, and has no way to make a part of the page of one, or to hand one on.
fn shows(text: &str) -> bool {
    const WAYS: [&str; 16] = [
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "srcdoc",
        "createContextualFragment",
        "dangerouslySetInnerHTML",
        "setHTML",
        "append",
        "adopt",
        "Blob",
        "postMessage",
        "export",
        "import",
        "require",
        "] =",
        "]=",
    ];
    let written = |part: &str| part.trim_start().trim_start_matches('+').starts_with('=');
    text.contains(".textContent = ")
        && !WAYS.iter().any(|way| text.contains(way))
        && !text.split("innerHTML").skip(1).any(written)
}

/// When a file has been read, and all that is nested in it.
pub(in crate::guard) fn end(found: &mut Found<'_>) {
    if let Some(line) = found.ending.module.take() {
        // A file that writes what nobody has read may write the one that is run.
        let written = found.ending.interprets && found.brought.makes;
        if found.ending.fixed && !found.ending.open && !written {
            found.hint(&spawn::MODULE, line, "`child_process` is loaded");
        } else {
            found.add(&spawn::MODULE, line, "`child_process` is loaded");
        }
    }
    if let Some(line) = found.ending.module_text.take() {
        let what = "machine code comes out of a text";
        let Ending { tied, large, busy, .. } = found.ending;
        if tied && !large && !busy { found.hint(&NATIVE, line, what) } else { found.add(&NATIVE, line, what) }
    }
    if found.ending.veiled
        && let Some((host, line)) = found.ending.frame.take()
    {
        found.add(&page::REDIRECT, line, &format!("a frame that nobody sees shows {host}"));
    }
    let reaches = found.ending.reaches;
    for mut finding in std::mem::take(&mut found.ending.doubted) {
        if !reaches {
            finding.severity = finding.severity.max(Severity::Warn);
        }
        found.settle(finding);
    }
}

/// Whether what a text names is in doubt until the end.
pub(super) fn doubts(standing: Standing, found: &Found<'_>) -> bool {
    found.ending.tests || standing == Standing::Key
}

pub(super) fn import(module: &str, found: &mut Found<'_>) {
    let reaches = matches!(
        module.split('/').next().unwrap_or(module),
        "fs" | "fs-extra"
            | "graceful-fs"
            | "http"
            | "https"
            | "net"
            | "tls"
            | "dgram"
            | "axios"
            | "got"
            | "undici"
            | "node-fetch"
            | "requests"
            | "httpx"
            | "aiohttp"
            | "urllib3"
            | "child_process"
            | "shutil"
            | "subprocess"
    ) || module.starts_with("urllib.request")
        || module.starts_with("http.client");
    found.ending.reaches |= reaches;
    found.ending.busy |= matches!(module, "worker_threads" | "ws" | "net" | "tls" | "cluster" | "socket.io-client");
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    found.ending.reaches |= super::files::takes_path(call).is_some() || harvest::sends(call.path);
    match call.path {
        "Worker" | "SharedWorker" | "WebSocket" | "worker_threads.Worker" => found.ending.busy = true,
        "WebAssembly.instantiate" | "WebAssembly.compile" | "WebAssembly.Module"
            if call.arg(0).is_some_and(|arg| arg.all_marks().has(Marks::DECODED)) =>
        {
            let first = found.ending.module_text.is_none();
            found.ending.module_text.get_or_insert(line);
            let marks = call.arg(0).map_or(Marks::NONE, Value::all_marks);
            let tied = marks.has(Marks::TINY) && !marks.has(Marks::NETWORK.with(Marks::REQUEST));
            found.ending.tied = tied && (first || found.ending.tied);
            // What it is given, it may call.
            found.ending.busy |= call.args.len() > 1;
        }
        _ => {}
    }
}

/// Bytes of a text that holds a few functions, and words that only a miner, or what leads out of a page, has in it.
const SMALL_MAX: usize = 1024;
const WORKING: [&str; 9] = ["hash", "mine", "nonce", "sock", "crypt", "pool", "wasi", "thread", "exec"];

/// Machine code as a text: its first four bytes are always the same.
pub(super) fn text(text: &str, found: &mut Found<'_>) {
    let long = text.len() > SMALL_MAX && !text.contains(' ');
    found.ending.large |= long || is_machine_code(text) && !is_tiny(text);
}

fn is_machine_code(text: &str) -> bool {
    ["AGFzbQ", "0061736d", "0061736D"].iter().any(|start| text.starts_with(start))
}

/// Whether a text is machine code of a few functions that work for nobody.
pub(in crate::guard) fn is_tiny(text: &str) -> bool {
    if !is_machine_code(text) || text.len() > SMALL_MAX || text.contains(HOLE) {
        return false;
    }
    let bytes = if text.starts_with('A') { decode::base64(text) } else { decode::hex(text) };
    bytes.is_some_and(|code| !WORKING.iter().any(|word| code.contains(word)))
}

/// By its name.
fn is_test(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    [".test.", ".spec.", "_test."].iter().any(|part| name.contains(part)) || name.starts_with("test_")
}

/// Whether it says that something is refused, by one of the frames that run tests.
fn refuses(text: &str) -> bool {
    let framed = ["node:test", "vitest", "pytest", "unittest", "@jest/globals", "describe(", "chai"];
    let refused = [
        "raises(",
        "assertRaises",
        "rejects",
        "throws",
        "toThrow",
        "assertFalse",
        "toBe(false)",
        "toBeFalsy",
        ", false",
        "is False",
        "assert not",
        "40",
    ];
    framed.iter().any(|word| text.contains(word)) && refused.iter().any(|word| text.contains(word))
}

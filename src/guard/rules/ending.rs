//! What only the end of a file tells: whether it does anything with what it names.
//!
//! ```text
//!   loads child_process ───────────┬─ starts programs that stand in the file, nothing else ─► warn
//!                                  └─ anything else ────────────────────────────────────────► block
//!   WebAssembly out of a text ─────┬─ a few hundred bytes, and no one to work for ──────────► warn
//!                                  └─ anything else ────────────────────────────────────────► block
//! ```

use super::{
    doubts::{self, Doubts},
    evaluate::NATIVE,
    page, spawn,
};
use crate::guard::{
    decode,
    fact::Call,
    found::Found,
    value::{HOLE, Marks, Value},
};

/// What is kept of a file until its end.
#[derive(Default)]
pub(in crate::guard) struct Ending {
    /// What names a place and may lead nowhere.
    pub doubts: Doubts,
    /// Where it loads `child_process`, whether it starts a program by it that stands in the file, and whether any other.
    pub module: Option<usize>,
    pub fixed: bool,
    pub open: bool,
    /// It has a file of the app run by an interpreter.
    pub interprets: bool,
    /// A style makes frames transparent where they lie, and the page shows such a site in one.
    pub veiled: bool,
    /// Classes and ids of what a style hides where it lies over something, and those of the frame.
    pub veils: Vec<String>,
    pub framed: String,
    pub frame: Option<(String, usize)>,
    /// Where it makes WebAssembly out of a text, and what is known of such texts.
    pub module_text: Option<usize>,
    /// Each that it makes comes of a short text that stands in the file, and there is no long one.
    tied: bool,
    large: bool,
    /// There are sockets or workers, or functions that it is given.
    busy: bool,
}

/// Bytes of classes and ids of frames that are remembered.
const FRAMED_BYTES_MAX: usize = 4096;

impl Ending {
    /// Remembers the classes and the id of a frame.
    pub fn name_frame(&mut self, names: [Option<&str>; 2]) {
        for name in names.into_iter().flatten() {
            if self.framed.len() + name.len() <= FRAMED_BYTES_MAX {
                self.framed.push(' ');
                self.framed.push_str(&name.to_ascii_lowercase());
            }
        }
    }
}

/// Before a file is read.
pub(in crate::guard) fn begin(text: &str, found: &mut Found<'_>) {
    doubts::begin(text, found);
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
    let Ending { veils, framed, .. } = &found.ending;
    let named = veils.iter().any(|veil| framed.split_whitespace().any(|name| name == veil));
    if (found.ending.veiled || named)
        && let Some((host, line)) = found.ending.frame.take()
    {
        found.add(&page::REDIRECT, line, &format!("a frame that nobody sees shows {host}"));
    }
    doubts::end(found);
}

pub(super) fn import(module: &str, found: &mut Found<'_>) {
    doubts::import(module, found);
    found.ending.busy |= matches!(module, "worker_threads" | "ws" | "net" | "tls" | "cluster" | "socket.io-client");
}

/// What is kept under a name of the file is followed to where it goes.
pub(super) fn assign(path: &str, value: &Value, found: &mut Found<'_>) {
    doubts::assign(path, value, found);
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    doubts::call(call, found);
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

//! Code that is brought along at run time: fetched or decoded, written to a file, and loaded from there.
//!
//! ```text
//!   fs.writeFileSync("plug.js", await got.text())   ─► written: plug ─┐
//!   require("./plug")                               ─► loaded: plug  ─┴─► nobody has read what runs
//! ```
//! Each by itself is everyday work: data is fetched and kept, modules are loaded. So names are kept until both are known. What a
//! loader takes for code is part of it: one that is told to run texts of another kind runs data.

use super::evaluate::DYNAMIC_IMPORT;
use crate::guard::{
    fact::Call,
    found::Found,
    value::{Marks, Value},
};

/// Names that are kept of one file.
const NAMES_MAX: usize = 64;
/// Endings of files that are code.
const CODE: [&str; 10] = ["js", "mjs", "cjs", "ts", "tsx", "jsx", "py", "node", "so", "sh"];
/// Data that nobody has read.
const FOREIGN: Marks = Marks::NETWORK.with(Marks::DECODED).with(Marks::REQUEST);

/// What a file writes, and what it loads.
#[derive(Default)]
pub(in crate::guard) struct Brought {
    /// Files of code that are open to be written, and those that were given foreign data.
    open: Vec<String>,
    written: Vec<String>,
    loaded: Vec<(String, usize)>,
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    hooked(call.path, line, found);
    let foreign = call.arg_marks().has(FOREIGN);
    let target = match (call.path, call.method()) {
        ("urllib.request.urlretrieve" | "wget.download" | "urlretrieve", _) => call.arg(1),
        (_, "writeFileSync" | "writeFile" | "outputFile" | "outputFileSync") if foreign => call.arg(0),
        (_, "write_text" | "write_bytes") if foreign => call.of,
        (_, "createWriteStream") => return open(call.arg(0), found),
        ("open" | "io.open" | "aiofiles.open", _)
            if call.either(1, "mode").and_then(Value::as_text).is_some_and(|mode| mode.contains(['w', 'a', 'x'])) =>
        {
            return open(call.arg(0), found);
        }
        (path, "write" | "writelines") if foreign && path.starts_with("open()") => return give(found),
        ("shutil.copyfileobj" | "stream.pipeline" | "stream.promises.pipeline", _) => return give(found),
        (_, "pipe" | "pipeTo") if call.arg_paths().any(|path| path.contains("createWriteStream()")) => {
            return give(found);
        }
        _ => return load(call, line, found),
    };
    if let Some(name) = target.and_then(code) {
        keep(&mut found.brought.written, name);
        judge(found);
    }
}

/// A module is loaded by its name.
pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    let name = module.rsplit(['/', '.']).find(|part| !CODE.contains(part)).unwrap_or(module);
    note(name, line, found);
}

/// What a loader takes for code is changed.
pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    let Some(kind) = loader(path) else { return };
    if value.as_path().is_some_and(|value| loader(value).is_some()) {
        found.add(&DYNAMIC_IMPORT, line, &format!("files that end in `{kind}` are run as code"));
    } else {
        found.hint(&DYNAMIC_IMPORT, line, &format!("files that end in `{kind}` are loaded by a function of its own"));
    }
}

/// The ending that an entry of Node's loaders is for.
fn loader(path: &str) -> Option<&str> {
    let rest = ["module._extensions.", "module.Module._extensions.", "require.extensions."]
        .iter()
        .find_map(|loaders| path.strip_prefix(loaders))?;
    Some(rest.trim_start_matches("[?]"))
}

fn hooked(path: &str, line: usize, found: &mut Found<'_>) {
    if loader(path).is_some_and(|kind| !kind.contains('(')) {
        found.add(&DYNAMIC_IMPORT, line, "a loader is called by hand");
    }
}

/// Loads a file by its path: by a loader, or as a program of its own.
fn load(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let at = match call.path {
        "require"
        | "import"
        | "importlib.import_module"
        | "__import__"
        | "runpy.run_path"
        | "runpy.run_module"
        | "worker_threads.Worker"
        | "Worker"
        | "child_process.fork"
        | "imp.load_source"
        | "execfile" => 0,
        "importlib.util.spec_from_file_location" | "importlib.machinery.SourceFileLoader" => 1,
        "subprocess.run"
        | "subprocess.Popen"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output" => {
            for word in call.arg(0).and_then(Value::as_list).unwrap_or_default().iter().take(NAMES_MAX) {
                if let Some(name) = code(word) {
                    note(&name, line, found);
                }
            }
            return;
        }
        _ => return,
    };
    if let Some(text) = call.text(at) {
        let name = stem(text).to_owned();
        note(&name, line, found);
    }
}

/// The name of a file of code, without its ending.
fn code(path: &Value) -> Option<String> {
    let text = path.as_text()?;
    let (_, ending) = text.rsplit_once('.')?;
    CODE.contains(&ending).then(|| stem(text).to_owned())
}

fn stem(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or(path);
    match base.rsplit_once('.') {
        Some((stem, ending)) if CODE.contains(&ending) => stem,
        Some(_) | None => base,
    }
}

fn open(path: Option<&Value>, found: &mut Found<'_>) {
    if let Some(name) = path.and_then(code) {
        keep(&mut found.brought.open, name);
    }
}

/// What is open gets foreign data.
fn give(found: &mut Found<'_>) {
    let names = std::mem::take(&mut found.brought.open);
    for name in names {
        keep(&mut found.brought.written, name);
    }
    judge(found);
}

fn note(name: &str, line: usize, found: &mut Found<'_>) {
    if found.brought.loaded.len() < NAMES_MAX && !found.brought.loaded.iter().any(|(other, _)| other == name) {
        found.brought.loaded.push((name.to_owned(), line));
        judge(found);
    }
}

fn keep(names: &mut Vec<String>, name: String) {
    if names.len() < NAMES_MAX && !names.contains(&name) {
        names.push(name);
    }
}

fn judge(found: &mut Found<'_>) {
    let Brought { written, loaded, .. } = &found.brought;
    let both = loaded.iter().find(|(name, _)| written.contains(name)).cloned();
    if let Some((name, line)) = both {
        found.add(&DYNAMIC_IMPORT, line, &format!("`{name}` is loaded, which was fetched or decoded just before"));
    }
}

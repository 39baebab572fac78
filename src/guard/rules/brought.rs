//! Code that is brought along at run time: fetched or decoded, written to a file, and loaded from there.
//!
//! ```text
//!   fs.writeFileSync("plug.txt", await got.text())   ─► foreign: plug.txt ─┐
//!   fs.renameSync("plug.txt", "plug.js")             ─► foreign: plug     ─┤
//!   import("./plug.js?v=1")                          ─► loaded: plug      ─┴─► nobody has read what runs
//! ```
//! Each by itself is everyday work: data is fetched and kept, modules are loaded. So names are kept until both are known. They
//! are compared as paths: from the folder that the app runs in, and from that of the file. What a loader takes for code is part
//! of it: one that is told to run texts of another kind runs data.

use super::{evaluate::DYNAMIC_IMPORT, moved};
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
    /// Files of code that are open to be written, others, and files that were given foreign data.
    open: Vec<String>,
    other: Vec<String>,
    foreign: Vec<String>,
    /// Foreign data goes to a file of which the name is not known, or to any.
    unknown: bool,
    /// Foreign data goes to some file, or something to a file that is run.
    pub makes: bool,
    moves: Vec<(String, String)>,
    loaded: Vec<(String, usize)>,
    /// Where modules are looked for is changed, so that a name alone says which it is.
    anywhere: bool,
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    hooked(call.path, line, found);
    let foreign = call.arg_marks().has(FOREIGN);
    let file = call.marks.has(Marks::CODE_FILE) || call.arg_marks().has(Marks::CODE_FILE);
    let target = match (call.path, call.method()) {
        ("urllib.request.urlretrieve" | "wget.download" | "urlretrieve", _) => call.arg(1),
        (
            _,
            "writeFileSync" | "writeFile" | "outputFile" | "outputFileSync" | "appendFile" | "appendFileSync"
            | "writeTextFile" | "writeTextFileSync",
        )
        | ("Bun.write", _)
            if foreign =>
        {
            call.arg(0)
        }
        (_, "write_text" | "write_bytes") if foreign => call.of,
        (path, _) if moved::opens(path, call.args) => return open(call.arg(0), found),
        (_, "write" | "writelines" | "writeSync" | "end") if foreign && file => return give(true, found),
        (path, "write" | "writelines") if foreign && path.starts_with("open()") => return give(false, found),
        ("shutil.copyfileobj" | "stream.pipeline" | "stream.promises.pipeline" | "os.sendfile", _) if file => {
            return give(true, found);
        }
        (_, "pipe" | "pipeTo") if file => return give(true, found),
        ("process.chdir" | "os.chdir", _) => return found.brought.anywhere = true,
        (path, _) if path.starts_with("sys.path.") => return found.brought.anywhere = true,
        _ => {
            let written = matches!(call.method(), "writeFileSync" | "writeFile" | "appendFile" | "appendFileSync");
            found.brought.makes |= written && call.arg(0).is_some_and(|path| path.as_text().is_some_and(is_code));
            if let Some((from, to)) = moved::moves(call) {
                shift(from, to, found);
            }
            return load(call, line, found);
        }
    };
    found.brought.makes = true;
    match target.and_then(Value::as_text).and_then(name) {
        Some(name) => bring(name, found),
        None => found.brought.unknown = true,
    }
}

/// A module is loaded by its name: a path, or in Python one of which the parts are folders.
pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    let path = module.starts_with(['.', '/']) || module.starts_with("file:");
    // The name of a package is no path.
    let package = is_code(found.file()) && !found.file().ends_with(".py");
    match (path, package) {
        (true, _) => note(module, line, found),
        (false, true) => {}
        (false, false) => note(&module.replace('.', "/"), line, found),
    }
}

/// What a loader takes for code is changed.
pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    found.brought.anywhere |= path == "sys.path";
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
        path if path.starts_with("child_process.") || path.starts_with("subprocess.") => {
            let words = call.args.iter().take(2).filter_map(Value::as_list).flatten();
            for word in words.take(NAMES_MAX).filter(|word| word.as_text().is_some_and(is_code)) {
                note(&super::options::below(word), line, found);
            }
            return;
        }
        _ => return,
    };
    let python = call.path.contains("import_module") || call.path == "__import__";
    if let Some(path) = call.arg(at).filter(|path| path.as_text().is_some()) {
        let path = super::options::below(path);
        note(&if python { path.replace('.', "/") } else { path }, line, found);
    }
}

pub(in crate::guard) fn is_code(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| CODE.contains(&ending))
}

/// A path as it is compared: without what loaders add to it by themselves, and what they do not look at.
fn name(path: &str) -> Option<String> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.strip_prefix("file://").unwrap_or(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let last = parts.pop()?;
    let last = if is_code(last) { last.rsplit_once('.').map_or(last, |(stem, _)| stem) } else { last };
    if !matches!(last, "index" | "__init__") || parts.is_empty() {
        parts.push(last);
    }
    Some(parts.join("/"))
}

fn open(path: Option<&Value>, found: &mut Found<'_>) {
    let Some(path) = path.and_then(Value::as_text) else { return };
    let names = if is_code(path) { &mut found.brought.open } else { &mut found.brought.other };
    if let Some(name) = name(path) {
        keep(names, name);
    }
}

/// A file that is open gets foreign data: one of code, or another.
fn give(code: bool, found: &mut Found<'_>) {
    found.brought.makes = true;
    let names = std::mem::take(if code { &mut found.brought.open } else { &mut found.brought.other });
    found.brought.unknown |= names.is_empty();
    for name in names {
        bring(name, found);
    }
    judge(found);
}

/// What was foreign under one name is so under another.
fn shift(from: &Value, to: &Value, found: &mut Found<'_>) {
    found.brought.makes |= to.as_text().is_none_or(is_code);
    let Some(to) = to.as_text().and_then(name) else { return };
    let known = from.as_text().and_then(name);
    let foreign = known.as_ref().map_or(found.brought.unknown, |from| found.brought.foreign.contains(from));
    if foreign {
        bring(to, found);
        judge(found);
    } else if let Some(from) = known
        && found.brought.moves.len() < NAMES_MAX
    {
        found.brought.moves.push((from, to));
    }
}

/// Notes that a file, and whatever becomes of it, holds foreign data.
fn bring(name: String, found: &mut Found<'_>) {
    let brought = &mut found.brought;
    let mut names = vec![name];
    while let Some(name) = names.pop() {
        if brought.foreign.contains(&name) || brought.foreign.len() >= NAMES_MAX {
            continue;
        }
        names.extend(brought.moves.iter().filter(|(from, _)| *from == name).map(|(_, to)| to.clone()));
        brought.foreign.push(name);
    }
    judge(found);
}

fn note(path: &str, line: usize, found: &mut Found<'_>) {
    // Data, which no loader runs.
    if path.ends_with(".json") {
        return;
    }
    let Some(path) = name(path) else { return };
    if found.brought.loaded.len() < NAMES_MAX && !found.brought.loaded.iter().any(|(other, _)| *other == path) {
        found.brought.loaded.push((path, line));
        judge(found);
    }
}

fn keep(names: &mut Vec<String>, name: String) {
    if names.len() < NAMES_MAX && !names.contains(&name) {
        names.push(name);
    }
}

fn judge(found: &mut Found<'_>) {
    let Brought { foreign, loaded, anywhere, .. } = &found.brought;
    let folder = found.file().rsplit_once('/').map_or("", |(folder, _)| folder);
    let same = |written: &String, name: &String| {
        written == name
            || moved::is_in(written, folder, name)
            || (*anywhere || moved::is_below_unknown(written)) && moved::ends(written, name)
            || moved::is_below_unknown(name) && moved::ends(name, written)
    };
    let both = loaded.iter().find(|(name, _)| foreign.iter().any(|written| same(written, name))).cloned();
    if let Some((name, line)) = both {
        found.add(&DYNAMIC_IMPORT, line, &format!("`{name}` is loaded, which was fetched or decoded just before"));
    }
}

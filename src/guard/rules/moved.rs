//! Files under other names: how one is opened to be written, what moves it, and when two paths are the same.

use crate::guard::{
    fact::{Call, method},
    value::{HOLE, Value},
};

/// Whether a call opens a file to be written.
pub(in crate::guard) fn opens(path: &str, args: &[Value]) -> bool {
    let mode = || args.get(1).filter(|mode| mode.as_text().is_some()).or_else(|| args.last()?.get("mode"));
    let written = |mode: &Value| mode.as_text().is_some_and(|mode| mode.contains(['w', 'a', 'x', '+']));
    match path {
        "open" | "io.open" | "aiofiles.open" | "fs.openSync" | "fs.open" | "fs.promises.open" => {
            mode().is_some_and(written)
        }
        "os.open" => true,
        path => method(path) == "createWriteStream",
    }
}

/// What gives a file another name, or another file what it holds: from where, and to where.
pub(super) fn moves<'c>(call: &'c Call<'_>) -> Option<(&'c Value, &'c Value)> {
    let module = call.path.split('.').next().unwrap_or_default();
    let two = matches!(module, "fs" | "os" | "shutil" | "Deno")
        && matches!(
            call.method(),
            "rename"
                | "renameSync"
                | "copyFile"
                | "copyFileSync"
                | "cp"
                | "cpSync"
                | "link"
                | "linkSync"
                | "symlink"
                | "symlinkSync"
                | "replace"
                | "copy"
                | "copy2"
                | "copyfile"
                | "move"
                | "moveSync"
                | "copySync"
                | "renames"
        );
    if two {
        return Some((call.arg(0)?, call.arg(1)?));
    }
    // `Path("a").rename("b")`
    let hangs = matches!(call.method(), "rename" | "replace") && call.args.len() == 1;
    if hangs { Some((call.of?, call.arg(0)?)) } else { None }
}

/// Whether a path of the app's is `name` in a folder of it.
pub(super) fn is_in(path: &str, folder: &str, name: &str) -> bool {
    let folder = folder.trim_start_matches("./");
    path.strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| !folder.is_empty() && rest == name)
}

/// `□/plug`: which folder it is in is not known.
pub(super) fn is_below_unknown(path: &str) -> bool {
    path.split('/').next().is_some_and(|first| first.contains(HOLE))
}

/// Whether the last parts of a path are those of `name`, as far as both are known.
pub(super) fn ends(path: &str, name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    !last.contains(HOLE) && path.rsplit('/').next() == Some(last)
}

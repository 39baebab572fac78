//! How a program is started: the options of a call, of which few leave it the program that it is named.
//!
//! `execPath`, `executable` and `shell` start another one, `execArgv` and the environment tell it what stands nowhere among
//! its words. So those that change nothing are a list, and whatever else a call says makes it another call.

use super::{programs, told};
use crate::guard::{
    fact::Call,
    value::{HOLE, Marks, Shape, Value},
};

/// Options of `child_process` that change nothing of what is started.
const HARMLESS: [&str; 14] = [
    "stdio",
    "encoding",
    "timeout",
    "maxBuffer",
    "windowsHide",
    "signal",
    "killSignal",
    "detached",
    "silent",
    "serialization",
    "input",
    "shell",
    "windowsVerbatimArguments",
    "cleanup",
];

/// Whether the options of a call leave its program the one that it names. `shell`: there is one between them.
pub(super) fn are_plain(call: &Call<'_>, program: &str, shell: bool) -> bool {
    call.args.iter().filter_map(Value::as_table).flatten().all(|(name, value)| match name.as_str() {
        "cwd" => folder(value, call.python),
        "env" => environment(value, program, call.python),
        "execArgv" => {
            value.as_list().is_some_and(|flags| flags.iter().all(|flag| flag.known().is_some_and(told::is_node_flag)))
        }
        "execPath" => matches!(value.as_path(), Some("process.execPath" | "undefined")),
        // A shell for the command of a shell.
        "executable" => value.as_path() == Some("sys.executable") || shell && is_shell(value),
        _ if call.python => true,
        name => HARMLESS.contains(&name),
    })
}

fn is_shell(value: &Value) -> bool {
    matches!(value.known(), Some("/bin/bash" | "/bin/sh" | "/usr/bin/bash" | "bash" | "sh"))
}

/// The folder that it is started in is one of the app's.
fn folder(value: &Value, python: bool) -> bool {
    let own = value.all_marks().has(Marks::FOLDER);
    match (&value.shape, value.known()) {
        (_, Some(path)) => !told::is_outside(path, python),
        (Shape::Text(text), None) => python || own && text.matches(HOLE).count() == 1 && !text.contains(".."),
        (_, None) => python || own || matches!(value.as_path(), Some("undefined" | "null")),
    }
}

/// Variables that say how the app runs, and nothing of what does.
const VARIABLES: [&str; 15] = [
    "NODE_ENV",
    "PORT",
    "HOST",
    "TZ",
    "LANG",
    "LC_ALL",
    "CI",
    "DEBUG",
    "TERM",
    "FORCE_COLOR",
    "NO_COLOR",
    "PYTHONUNBUFFERED",
    "PYTHONIOENCODING",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUTF8",
];
/// Parts of the names of variables that programs take commands, or code, from.
const TELLING: [&str; 20] = [
    "LD_", "DYLD_", "NODE", "PYTHON", "PERL", "RUBY", "GIT_", "BASH", "JAVA", "NPM_", "PATH", "OPT", "SHELL", "EDITOR",
    "PAGER", "BROWSER", "COMMAND", "PROXY", "CONFIG", "PRELOAD",
];

fn environment(value: &Value, program: &str, python: bool) -> bool {
    let Some(pairs) = value.as_table() else {
        return python || matches!(value.as_path(), Some("process.env" | "undefined"));
    };
    let own = matches!(program, "node" | "python" | "fork");
    pairs.iter().all(|(name, value)| {
        let upper = name.to_ascii_uppercase();
        let variable =
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && !TELLING.iter().any(|part| upper.contains(part));
        VARIABLES.contains(&name.as_str())
            || own && variable
            || name.as_str() == "PYTHONPATH" && value.known().is_some_and(|path| !told::is_outside(path, false))
    })
}

/// A file of the app's own that Node runs beside this one.
pub(super) fn forks_own(call: &Call<'_>, file: &str) -> bool {
    let own = file.rsplit('/').next().unwrap_or_default();
    call.path == "child_process.fork"
        && call.arg(0).is_some_and(|path| {
            let path = below(path);
            let script = [".js", ".mjs", ".cjs", ".ts"].iter().any(|ending| path.ends_with(ending));
            script
                && !path.contains(HOLE)
                && !path.contains(':')
                && !told::is_outside(&path, false)
                && path.rsplit('/').next() != Some(own)
        })
        && are_plain(call, "fork", false)
        && call.args.iter().skip(1).all(|arg| !matches!(arg.shape, Shape::Text(_) | Shape::Function(_)))
}

/// A path below the folder of the file that names it, as it is seen from there; any other as it stands.
pub(super) fn below(value: &Value) -> String {
    let text = value.to_text();
    let own = value.all_marks().has(Marks::FOLDER) && text.matches(HOLE).count() == 1;
    match text.strip_prefix(HOLE).filter(|_| own) {
        Some(rest) => format!("./{}", rest.trim_start_matches('/')),
        None => text.as_str().to_owned(),
    }
}

/// Whether a command of words is one of a program's own, by its name alone.
pub(super) fn program(words: &[String]) -> &str {
    words.first().map(|first| programs::name(first)).unwrap_or_default()
}
